import Basics
import Cluster
import Configuration
import Foundation
import Logging
import Monitor
import Records
import Reports
public import Runtime
import Settings
import Transport
import Workloads

/// A live run, from the configuration to the exit status: the common part of `epsim run` and `epsim coordinator`.
public struct RunExecution: Sendable {
    /// The way in which a run gets its workers.
    public enum Workers: Sendable {
        /// Worker processes that this process starts on this machine, for this run alone.
        case local
        /// Worker processes of `epsim cluster up`, which stay on this machine between runs.
        case staying(StayingCluster)
        /// Worker processes that dial in at the endpoint, from any machine.
        case remote(endpoint: String)

        /// The workers of the cluster of a name.
        ///
        /// - Throws: ``ExitStatus`` where there is no such cluster.
        public static func staying(named name: String) throws(ExitStatus) -> Workers {
            do {
                return .staying(try StayingCluster.find(named: name))
            } catch {
                throw error.reported()
            }
        }
    }

    private let request: ConfigurationRequest
    private let report: ReportOptions
    private let serve: ServeOptions
    private let workers: Workers
    private let parent: Int32?

    /// Create the run of a configuration.
    ///
    /// - Parameter parent: the process with which the run ends, or nil. It moves the run folder, so the run is in no index.
    public init(
        _ request: ConfigurationRequest,
        report: ReportOptions,
        serve: ServeOptions,
        workers: Workers,
        parent: Int32? = nil
    ) {
        self.request = request
        self.report = report
        self.serve = serve
        self.workers = workers
        self.parent = parent
    }

    /// Run, show the report and write the run folder.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        let watch = parent.map { ParentWatch(parent: $0) }
        defer { withExtendedLifetime(watch) {} }
        let resolved = try request.load(extra: overrides, for: .measured)
        let plan = resolved.plan
        if let path = report.saveOutputs {
            let inputs = [plan.workload.path, plan.model.checkpoint].compactMap(\.self).filter { !$0.isEmpty }
            try OutputPath(option: "--save-outputs", path: path).require(apartFrom: inputs)
        }
        let interrupt = Interrupt()
        interrupt.watch()
        let log = Console.log("epsim", level: report.quiet ? .error : .warning)
        do {
            try plan.resourceNeed(startsWorkers: startsWorkers, savesOutputs: report.saveOutputs != nil).check(.current)
            let session = try Session(
                plan: plan,
                options: SessionOptions(
                    verifies: plan.run.verify,
                    outputsPath: report.saveOutputs,
                    startsWorkers: startsWorkers,
                    chooseForms: { shapes throws(RuntimeError) in
                        try KernelChoice(
                            isShown: report.showsProgress && !serve.isServed,
                            isQuiet: report.quiet
                        ).forms(shapes)
                    }
                ),
                interrupt: interrupt,
                log: log
            )
            // Other workers check for themselves: they may be elsewhere, or hold their weights already.
            do throws(RuntimeError) {
                try session.checkMemory()
            } catch {
                throw PredictionAdvice(request: request, plan: plan).added(to: error)
            }
            try session.checkWeights()
            try run(session, resolved, interrupt)
        } catch let error as MonitorError {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        } catch let error as RuntimeError {
            throw error.reported()
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        } catch let error as TransportError {
            Console.note("epsim: \(error)")
            throw ExitStatus.badConfiguration
        }
    }

    private func run(
        _ session: Session,
        _ resolved: ResolvedConfiguration,
        _ interrupt: Interrupt
    ) throws {
        let plan = resolved.plan
        let started = Date()
        let id = try RunID.unique(start: started)
        let keys = try plan.cluster.keyFile.map { try CurveKeys(contentsOf: $0) }
        let listener = try listen(session, endpoint(plan.cluster, id), keys)
        let describer = RunDescriber(
            resolved: resolved,
            configName: request.name,
            id: id,
            routerLearns: session.routerLearns,
            started: started
        )
        let live = try liveView(describer, session)
        let (folder, recorder): (RunFolder, RunRecorder)
        do {
            (folder, recorder) = try prepare(id, resolved, session)
        } catch {
            live?.runEnded(.failed("\(error)"))
            throw error
        }
        let outcome = outcome(of: session, listener, plan, folder, recorder, live)
        let reporter = RunReporter(
            resolved: resolved,
            describer: describer,
            folder: folder,
            recorder: recorder,
            options: report,
            forecast: RunForecast(session, outcome, isLocal: startsWorkers),
            isIndexed: parent == nil
        )
        let localWorkers = outcome.workers.count(where: \.isOnThisMachine)
        let finished = Result {
            try reporter.finish(outcome, busyProcesses: plan.busyProcesses(localWorkers: localWorkers))
        }
        live?.linger(seconds: serve.seconds, interrupt: interrupt)
        try finished.get()
    }

    /// Create the folder of the run and the recorder that writes into it.
    private func prepare(_ id: RunID, _ resolved: ResolvedConfiguration, _ session: Session) throws -> (
        RunFolder, RunRecorder
    ) {
        let folder = try RunFolder.create(parent: resolved.plan.run.out, id: id)
        try folder.writeConfig(resolved.yaml)
        try keepLogs(in: "\(folder.path)/logs", session)
        return (folder, try RunRecorder(folder, placement: session.placement, clock: .measured))
    }

    private func outcome(
        of session: Session,
        _ listener: Listener,
        _ plan: RunPlan,
        _ folder: RunFolder,
        _ recorder: RunRecorder,
        _ live: LiveView?
    ) -> SessionOutcome {
        let progress = ProgressLine(isShown: report.showsProgress && !serve.isServed)
        defer { progress.end() }
        let outcome: SessionOutcome
        do {
            let workers = try launch(listener.endpoint, plan, folder)
            outcome = session.run(listener, workers: workers) { event in
                recorder.update(event)
                live?.update(event)
                progress.update(event)
            }
        } catch {
            outcome = session.outcome(ofFailure: error)
        }
        live?.runEnded(outcome.end)
        return outcome
    }

    private var overrides: [Override] {
        var overrides: [Override] = []
        if report.verify { overrides.append(Override(key: "run.verify", value: "true", flag: "--verify")) }
        if let out = report.out { overrides.append(Override(key: "run.out", value: out, flag: "--out")) }
        if let (endpoint, flag) = givenEndpoint {
            let transport = endpoint.hasPrefix("tcp") ? "tcp" : "ipc"
            overrides.append(Override(key: "cluster.transport", value: transport, flag: flag))
            overrides.append(Override(key: "cluster.endpoint", value: endpoint, flag: flag))
        }
        return overrides
    }

    /// The endpoint at which workers dial the coordinator, where a flag gives it in place of the configuration.
    private var givenEndpoint: (endpoint: String, flag: String)? {
        switch workers {
        case .local: nil
        case .staying(let cluster): (cluster.endpoint, "--cluster")
        case .remote(let endpoint): (endpoint, "--bind")
        }
    }
}

extension RunExecution {
    /// Create the live view of a run that is served over HTTP or uses workers of `epsim cluster up`; nil for any other
    /// run.
    private func liveView(_ describer: RunDescriber, _ session: Session) throws(MonitorError) -> LiveView? {
        var clusterFolder: String?
        if case .staying(let cluster) = workers { clusterFolder = StayingCluster.directory(named: cluster.name) }
        guard serve.isServed || clusterFolder != nil else { return nil }
        let plan = describer.resolved.plan
        var run = LiveRun(
            id: describer.id.description,
            config: request.name,
            router: plan.routerName,
            epsimVersion: EpsimVersion.current,
            ranks: plan.cluster.workers,
            layers: plan.model.layers,
            experts: plan.model.experts,
            steps: plan.run.steps,
            warmupSteps: plan.run.warmup
        )
        // Workers from elsewhere are counted when they have come, in the report.
        let localWorkers = if case .remote = workers { 0 } else { plan.cluster.workers }
        let description = describer.description(
            session.emptyOutcome,
            busyProcesses: plan.busyProcesses(localWorkers: localWorkers)
        )
        run.warning = description.hosts.lazy.compactMap(\.crowding).first
        let charts = LiveCharts(description, placement: session.placement)
        return try LiveView(
            run,
            charts: charts,
            serve: serve,
            clusterFolder: clusterFolder,
            isShown: report.showsProgress
        )
    }
}

/// The workers of a run.
extension RunExecution {
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

    private var startsWorkers: Bool {
        if case .local = workers { true } else { false }
    }

    private func endpoint(_ cluster: ClusterOptions, _ id: RunID) throws(RuntimeError) -> Endpoint {
        try checkWorkersThatStay(cluster)
        let ownChoice = cluster.transport == .ipc ? "ipc://@epsim-\(id)" : "tcp://127.0.0.1:*"
        do {
            return try Endpoint(cluster.endpoint ?? ownChoice)
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Throw when the workers of `epsim cluster up` do not fit the configuration.
    private func checkWorkersThatStay(_ cluster: ClusterOptions) throws(RuntimeError) {
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

    /// Make the folder of the logs where a process of this run has one.
    private func keepLogs(in folder: String, _ session: Session) throws(RuntimeError) {
        guard startsWorkers || session.runsRouter else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        } catch {
            throw .local("cannot make the folder \(folder): \(error.localizedDescription)")
        }
        try session.keepRouterLog(in: folder)
    }

    private func launch(
        _ endpoint: Endpoint,
        _ plan: RunPlan,
        _ folder: RunFolder
    ) throws(RuntimeError) -> LocalWorkers? {
        guard case .local = workers else { return nil }
        return try LocalWorkers(
            executable: try Executable.path(),
            count: plan.cluster.workers,
            endpoint: endpoint,
            keyFile: plan.cluster.keyFile,
            logDirectory: "\(folder.path)/logs"
        )
    }
}
