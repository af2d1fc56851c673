internal import Figures
internal import Records

extension Metric {
    /// Measured steps as a whole; warm-up steps do not count.
    static let ofSteps =
        [
            Metric("epsim_steps_total", .counter, "Measured steps.") { name, state, text in
                text.sample(name, "", state.steps)
            },
            Metric("epsim_tokens_total", .counter, "Tokens of the measured steps.") { name, state, text in
                text.sample(name, "", state.figures.tokens)
            },
            Metric("epsim_step_seconds", .histogram, "Seconds of a step, from tokens in to outputs combined.") {
                name,
                state,
                text in
                text.histogram(name, "", state.stepSeconds, series: 0)
            },
            Metric(
                "epsim_coordinator_phase_seconds_total",
                .counter,
                labels: ["phase"],
                "Seconds of the coordinator's phases gate, shared and merge, summed over layers."
            ) { name, state, text in
                for phase in Phase.ofCoordinator {
                    let seconds = state.coordinatorSeconds[phase, default: 0]
                    text.sample(name, MetricText.labels(["phase": phase.rawValue]), seconds)
                }
            },
            Metric(
                "epsim_balance_loss",
                .summary,
                labels: ["loss"],
                "Losses of the router without their coefficients, one value per step and layer."
            ) { name, state, text in
                for loss in state.figures.losses {
                    let labels = MetricText.labels(["loss": loss.name])
                    text.summary(name, labels, sum: loss.each.sum, count: loss.each.count)
                }
            },
        ]
        + Counter.all.filter { !$0.amount.isPerLayer }.map { counter in
            Metric("epsim_\(counter.name)_total", .counter, counter.amount.meaning) { name, state, text in
                text.sample(name, "", state.figures[counter])
            }
        }
}
