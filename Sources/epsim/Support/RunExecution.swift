import MoE
import Cluster
import ArgumentParser
import Configuration
import Foundation
import Logging
import Reports
import Runtime
import Transport

/// What `run` and `coordinator` have in common: from the resolved configuration to the exit code.
struct RunExecution {
    /// Where the workers come from.
    enum Workers {
        /// Started by this process, on this machine.
        case local
        /// Processes that stay on this machine.
        case staying(StayingCluster)
        /// They dial in from wherever they are.
        case remote(endpoint: String)
    }

    let configurationArguments: ConfigurationArguments
    let reportArguments: ReportArguments
    let workers: Workers

    func run() throws {
        let requirements = try reportArguments.requirements()
        let resolved = try configurationArguments.load(extra: overrides)
        let configuration = resolved.configuration
        let interrupt = Interrupt()
        let sources = interrupt.watch()
        defer { withExtendedLifetime(sources) {} }
        let log = Console.log("epsim", level: reportArguments.quiet ? .error : .warning)
        do {
            let session = try Session(
                configuration: configuration,
                options: SessionOptions(
                    verifies: configuration.run.verify,
                    outputsPath: reportArguments.saveOutputs
                ),
                interrupt: interrupt,
                log: log
            )
            // Other workers check for themselves: they may be elsewhere, or hold their weights already.
            try session.checkMemory(includingWorkers: startsWorkers)
            try run(session, resolved, requirements)
        } catch let error as RuntimeError {
            throw error.reported()
        } catch let error as ReportError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        } catch let error as TransportError {
            Console.note("epsim: \(error)")
            throw ExitCode.badConfiguration
        }
    }

    private func run(_ session: Session, _ resolved: ResolvedConfiguration, _ requirements: [Requirement]) throws {
        let configuration = resolved.configuration
        let started = Date()
        let id = try RunID.unique(start: started)
        let keys = try configuration.cluster.keyFile.map { try CurveKeys(contentsOf: $0) }
        let listener = try listen(session, endpoint(configuration.cluster, id), keys)
        let folder = try RunFolder.create(parent: configuration.run.out, id: id)
        try folder.writeConfig(resolved.yaml)
        let placement = [[Int]](repeating: session.rankOfExpert, count: configuration.model.layers)
        let tables = try RunTables(folder, placement: placement)
        let outcome = outcome(of: session, listener, configuration, folder, tables)
        let reporter = RunReporter(
            resolved: resolved,
            configName: configurationArguments.config,
            folder: folder,
            tables: tables,
            routerLearns: session.routerLearns,
            started: started,
            arguments: reportArguments,
            requirements: requirements,
            forecast: RunForecast(session, outcome, isLocal: startsWorkers)
        )
        let computesItself =
            configuration.cluster.shared == .coordinator && configuration.modelShape.hasReplicatedExperts
        let own = 1 + (computesItself ? configuration.cluster.threads : 0)
        let localWorkers = outcome.workers.count(where: \.isOnThisMachine)
        try reporter.finish(outcome, busyProcesses: own + localWorkers * configuration.cluster.threads)
    }

    private func listen(_ session: Session, _ endpoint: Endpoint, _ keys: CurveKeys?) throws -> Listener {
        do {
            return try session.listen(endpoint, keys: keys)
        } catch {
            guard error.isEndpointTaken, case .staying(let cluster) = workers else { throw error }
            throw RuntimeError.configuration(
                "the cluster '\(cluster.name)' is busy with another run; wait for its end, or start another cluster with "
                    + "'epsim cluster up --name NAME'"
            )
        }
    }

    private func outcome(
        of session: Session,
        _ listener: Listener,
        _ configuration: RunConfiguration,
        _ folder: RunFolder,
        _ tables: RunTables
    ) -> SessionOutcome {
        let progress = ProgressLine(isShown: !reportArguments.quiet && !reportArguments.json)
        defer { progress.end() }
        do {
            let workers = try launch(listener.endpoint, configuration, folder)
            return session.run(listener, workers: workers) { event in
                tables.update(event)
                progress.update(event)
            }
        } catch {
            return session.outcome(ofFailure: error)
        }
    }

    private var startsWorkers: Bool {
        if case .local = workers { true } else { false }
    }

    private var overrides: [Override] {
        var overrides: [Override] = []
        if reportArguments.verify { overrides.append(Override(key: "run.verify", value: "true", flag: "--verify")) }
        if let out = reportArguments.out { overrides.append(Override(key: "run.out", value: out, flag: "--out")) }
        if let (endpoint, flag) = givenEndpoint {
            let transport = endpoint.hasPrefix("tcp") ? "tcp" : "ipc"
            overrides.append(Override(key: "cluster.transport", value: transport, flag: flag))
            overrides.append(Override(key: "cluster.endpoint", value: endpoint, flag: flag))
        }
        return overrides
    }

    /// Where workers look for the coordinator, when that is not for the configuration to say.
    private var givenEndpoint: (endpoint: String, flag: String)? {
        switch workers {
        case .local: nil
        case .staying(let cluster): (cluster.endpoint, "--cluster")
        case .remote(let endpoint): (endpoint, "--bind")
        }
    }

    private func endpoint(_ cluster: ClusterConfiguration, _ id: RunID) throws(RuntimeError) -> Endpoint {
        try checkWorkersThatStay(cluster)
        let ownChoice = cluster.transport == .ipc ? "ipc://@epsim-\(id)" : "tcp://127.0.0.1:*"
        do {
            return try Endpoint(cluster.endpoint ?? ownChoice)
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Throws when workers that stay are not what the configuration asks for.
    private func checkWorkersThatStay(_ cluster: ClusterConfiguration) throws(RuntimeError) {
        guard case .staying(let found) = workers else { return }
        guard found.processIDs.count == cluster.workers else {
            throw .configuration(
                "cluster.workers is \(cluster.workers), but the cluster '\(found.name)' has \(found.processIDs.count); "
                    + "use --workers \(found.processIDs.count)"
            )
        }
        let gone = found.processIDs.filter { !found.aliveProcessIDs.contains($0) }
        guard gone.isEmpty else {
            throw .configuration(
                "of the cluster '\(found.name)', processes \(gone) are gone; run 'epsim cluster down' and 'epsim cluster up'"
            )
        }
        guard cluster.keyFile == nil else {
            throw .configuration(
                "cluster.key_file does not apply to the workers of 'epsim cluster up', which only this machine can reach; "
                    + "leave it out"
            )
        }
    }

    private func launch(
        _ endpoint: Endpoint,
        _ configuration: RunConfiguration,
        _ folder: RunFolder
    ) throws(RuntimeError) -> LocalWorkers? {
        guard case .local = workers else { return nil }
        let logs = "\(folder.path)/logs"
        do {
            try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: false)
        } catch {
            throw .local("cannot make the folder \(logs): \(error.localizedDescription)")
        }
        return try LocalWorkers(
            executable: try Executable.path(),
            count: configuration.cluster.workers,
            endpoint: endpoint,
            keyFile: configuration.cluster.keyFile,
            logDirectory: logs
        )
    }
}
