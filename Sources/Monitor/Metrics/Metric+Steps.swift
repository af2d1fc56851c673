extension Metric {
    /// Measured steps as a whole; warm-up steps do not count.
    static let ofSteps = [
        Metric("epsim_steps_total", .counter, "Measured steps.") { name, state, text in
            text.sample(name, "", state.steps)
        },
        Metric("epsim_tokens_total", .counter, "Tokens of the measured steps.") { name, state, text in
            text.sample(name, "", state.tokens)
        },
        Metric("epsim_step_seconds", .histogram, "Seconds of a step, from tokens in to outputs combined.") {
            name,
            state,
            text in
            text.histogram(name, "", state.stepSeconds, series: 0)
        },
        Metric(
            "epsim_communication_seconds_total",
            .counter,
            "Seconds in flight, dispatch and combine, of the rank of each layer where they are most, summed over layers."
        ) { name, state, text in
            text.sample(name, "", state.communicationSeconds)
        },
        Metric(
            "epsim_exposed_communication_seconds_total",
            .counter,
            "Seconds during which data travelled while no rank and not the coordinator computed, summed over layers."
        ) { name, state, text in
            text.sample(name, "", state.exposedSeconds)
        },
        Metric(
            "epsim_coordinator_phase_seconds_total",
            .counter,
            labels: ["phase"],
            "Seconds of the coordinator's phases gate, shared and merge, summed over layers."
        ) { name, state, text in
            let layers = state.layerTotals
            for (phase, seconds) in [
                ("gate", layers.reduce(0) { $0 + $1.gateSeconds }),
                ("shared", layers.reduce(0) { $0 + $1.sharedSeconds }),
                ("merge", layers.reduce(0) { $0 + $1.mergeSeconds }),
            ] {
                text.sample(name, MetricText.labels(["phase": phase]), seconds)
            }
        },
        Metric(
            "epsim_balance_loss",
            .summary,
            labels: ["loss"],
            "Losses of the router without their coefficients, one value per step and layer."
        ) { name, state, text in
            for loss in state.losses {
                let labels = MetricText.labels(["loss": loss.name])
                text.summary(name, labels, sum: loss.value.sum, count: loss.value.count)
            }
        },
    ]
}
