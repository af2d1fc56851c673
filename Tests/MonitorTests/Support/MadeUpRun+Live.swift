import MadeUpRuns
import MoE
import Monitor
import Records
import Reports

/// The made-up run, told step by step to a state.
extension MadeUpRun {
    /// What a live view knows of it beforehand.
    var run: LiveRun {
        LiveRun(
            id: description.id,
            config: description.configName,
            router: description.router,
            epsimVersion: description.epsimVersion,
            ranks: description.workers.count,
            layers: description.model.layers,
            experts: description.model.experts,
            steps: description.steps,
            warmupSteps: description.warmupSteps
        )
    }

    /// The state after `count` of the steps, each a second after the one before.
    func state(after count: Int? = nil, window: Int = 100) -> LiveState {
        let run = run
        var state = LiveState(run: run, window: window)
        state.workersReady(run.ranks)
        for left in (0..<run.warmupSteps).reversed() { state.warmup(left: left) }
        for (index, step) in steps.prefix(count ?? steps.count).enumerated() {
            state.measured(step, at: 10 + Double(index))
        }
        return state
    }

    /// The charts of a live page.
    var charts: LiveCharts {
        get throws { LiveCharts(description, placement: try placement) }
    }
}
