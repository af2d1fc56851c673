import Cluster
import Configuration
import Monitor
import Reports
import Runtime

extension RunExecution {
    /// What shows the run to others, where somebody asks for it or may look for it.
    func liveView(_ describer: RunDescriber, _ session: Session) throws(MonitorError) -> LiveView? {
        var clusterFolder: String?
        if case .staying(let cluster) = workers { clusterFolder = StayingCluster.directory(named: cluster.name) }
        guard serveArguments.serve || clusterFolder != nil else { return nil }
        let configuration = describer.resolved.configuration
        var run = LiveRun(
            id: describer.id.description,
            config: configurationArguments.config,
            router: configuration.routerName,
            epsimVersion: EpsimVersion.current,
            ranks: configuration.cluster.workers,
            layers: configuration.model.layers,
            experts: configuration.model.experts,
            steps: configuration.run.steps,
            warmupSteps: configuration.run.warmup
        )
        // Workers from elsewhere are counted when they have come, in the report.
        let localWorkers = if case .remote = workers { 0 } else { configuration.cluster.workers }
        let description = describer.description(
            session.emptyOutcome,
            busyProcesses: configuration.busyProcesses(localWorkers: localWorkers)
        )
        run.warning = description.hosts.lazy.compactMap(\.crowding).first
        let charts = LiveCharts(description, placement: session.placement)
        return try LiveView(
            run,
            charts: charts,
            serve: serveArguments,
            clusterFolder: clusterFolder,
            isShown: showsProgress
        )
    }
}
