extension Metric {
    /// What is run, and how far it is.
    static let ofRun = [
        Metric("epsim_build_info", .gauge, labels: ["version"], "Always 1; the version of epsim.") {
            name,
            state,
            text in
            text.sample(name, MetricText.labels(["version": state.run.epsimVersion]), 1)
        },
        Metric(
            "epsim_run_info",
            .gauge,
            labels: ["run", "config", "router", "ranks", "layers", "experts"],
            "Always 1; what is run: the run's id, its configuration file, the router, and the numbers of ranks, MoE layers "
                + "and experts of a layer."
        ) { name, state, text in
            let run = state.run
            let labels = MetricText.labels([
                "run": run.id, "config": run.config, "router": run.router, "ranks": "\(run.ranks)",
                "layers": "\(run.layers)", "experts": "\(run.experts)",
            ])
            text.sample(name, labels, 1)
        },
        Metric("epsim_run_stage", .gauge, labels: ["stage"], "1 for the stage that the run is in, 0 for the others.") {
            name,
            state,
            text in
            for stage in LiveStage.allCases {
                text.sample(name, MetricText.labels(["stage": stage.rawValue]), stage == state.stage ? 1 : 0)
            }
        },
        Metric("epsim_run_steps", .gauge, "Measured steps that are asked for.") { name, state, text in
            text.sample(name, "", state.run.steps)
        },
        Metric("epsim_workers_ready", .gauge, "Workers that have joined and loaded their experts.") {
            name,
            state,
            text in
            text.sample(name, "", state.workersReady)
        },
    ]
}
