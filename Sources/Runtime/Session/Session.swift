public import Basics
import Cluster
public import CostModel
import Experts
public import Logging
import MoE
public import Placement
public import Records
internal import Tensors
public import Transport
internal import Workloads

/// A whole run from the coordinator's side: it waits for workers, runs warm-up and measured steps, and releases the
/// workers.
public final class Session {
    /// Seconds that workers have to end by themselves when the run is over.
    private static let gracePeriod = 2.0
    /// Seconds that workers have to end by themselves after a failure or an interruption.
    private static let gracePeriodAfterFailure = 0.2

    let plan: RunPlan
    private let options: SessionOptions
    private let interrupt: Interrupt
    private let log: Logger
    let setup: SessionSetup
    /// The program that routes, or nil where the router is none.
    private let routerProcess: RouterProcess?

    /// Check a configuration, open its inputs, and start the program that routes where the router is one.
    public init(
        plan: RunPlan,
        options: SessionOptions,
        interrupt: Interrupt,
        log: Logger
    ) throws(RuntimeError) {
        Heap.keepChunkBuffers()
        self.plan = plan
        self.options = options
        self.interrupt = interrupt
        self.log = log
        var setup = try SessionSetup(plan, options, epoch: UInt32.random(in: 1...UInt32.max))
        routerProcess = try RouterProcess.start(for: &setup.router, interrupt: interrupt)
        self.setup = setup
    }

    /// Look for numbers that are infinite or none among the weights of the experts, which workers would find in the
    /// middle of loading. It reads all of them: see ``checkMemory()`` first.
    ///
    /// - Throws: ``RuntimeError/configuration(_:)`` with file, tensor and indices.
    public func checkWeights() throws(RuntimeError) {
        do {
            try setup.experts.checkValues(ofExperts: true)
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Throw unless this machine and its limits have the memory for the coordinator and, if they run here, for all
    /// workers.
    public func checkMemory() throws(RuntimeError) {
        try MemoryNeed(
            plan,
            placement: setup.placement,
            products: setup.products,
            includingWorkers: options.startsWorkers,
            keepsLayers: options.keepsLayers
        ).check(
            available: Host.availableMemory,
            limits: .current
        )
    }

    /// Begin to listen for workers.
    ///
    /// - Throws: `TransportError` when the endpoint is taken, or needs keys that were not given.
    public func listen(_ endpoint: Endpoint, keys: CurveKeys?) throws(TransportError) -> Listener {
        let socket = try RouterSocket(
            context: MessageContext(),
            endpoint: endpoint,
            keys: keys,
            messageLimit: setup.messageLimit
        )
        log.info("listens at \(socket.endpoint)")
        return Listener(socket: socket)
    }

    /// Run over workers that dial the listener.
    ///
    /// - Parameters:
    ///   - listener: the listener that ``listen(_:keys:)`` returned.
    ///   - workers: the worker processes of this machine, or nil when they come from elsewhere.
    ///   - progress: called with each event of the run.
    /// - Returns: the outcome, with the measured steps also when the run failed or was interrupted.
    public func run(
        _ listener: Listener,
        workers: LocalWorkers?,
        progress: (SessionEvent) -> Void
    ) -> SessionOutcome {
        var outcome = emptyOutcome
        let shell = CoordinatorShell(
            plan: setup.clusterPlan,
            socket: listener.socket,
            monitor: workers,
            interrupt: interrupt,
            delay: setup.delay,
            log: log
        )
        outcome.end = run(shell, &outcome, progress)
        outcome.workers = shell.members.map(summary)
        outcome.warnings = shell.warnings
        shell.release()
        workers?.end(within: outcome.end == .completed ? Self.gracePeriod : Self.gracePeriodAfterFailure)
        endRouterProcess(&outcome)
        return outcome
    }

    private func endRouterProcess(_ outcome: inout SessionOutcome) {
        do throws(RuntimeError) {
            if let note = try routerProcess?.end() { outcome.warnings.append(note) }
        } catch {
            if outcome.end == .completed { outcome.end = .failed(error.description) }
        }
    }

    /// True when a program of the user's routes.
    public var runsRouter: Bool { routerProcess != nil }

    /// Keep what the program that routes says, if there is one, in the file `router.log` of a folder.
    public func keepRouterLog(in folder: String) throws(RuntimeError) {
        try routerProcess?.keepLog(at: "\(folder)/router.log")
    }

    /// The placement of each layer's routed experts.
    public var placement: Placement { setup.placement }

    /// True when the router's state changes from step to step.
    public var routerLearns: Bool { setup.router.learns }

    /// The outcome of a run that could not even begin.
    public func outcome(ofFailure error: RuntimeError) -> SessionOutcome {
        var outcome = emptyOutcome
        outcome.end = .failed(error.description)
        return outcome
    }

    /// The outcome of a run in which nothing has happened yet.
    public var emptyOutcome: SessionOutcome {
        var outcome = SessionOutcome()
        outcome.workload = setup.workload.summary
        outcome.notes = setup.workload.notes + setup.placementNotes
        return outcome
    }

    private func run(
        _ shell: CoordinatorShell,
        _ outcome: inout SessionOutcome,
        _ progress: (SessionEvent) -> Void
    ) -> RunEnd {
        do {
            try runSteps(shell, &outcome, progress)
            return .completed
        } catch .interrupted {
            return .interrupted("ended by the user after \(outcome.steps.count) measured steps")
        } catch {
            return .failed(error.description)
        }
    }

    private func summary(_ member: Member) -> WorkerSummary {
        WorkerSummary(member, expertsPerLayer: setup.placement.slotCounts(ofRank: member.rank))
    }

    private func runSteps(
        _ shell: CoordinatorShell,
        _ outcome: inout SessionOutcome,
        _ progress: (SessionEvent) -> Void
    ) throws(RuntimeError) {
        let ownExperts = try setup.ownExperts.map { weights throws(RuntimeError) in
            try CoordinatorExperts(weights, messageArrived: shell.wakeForOwnExperts())
        }
        defer { ownExperts?.end() }
        let deadline = MonotonicClock.now() + setup.clusterPlan.deadlines.start
        try shell.waitUntilReady { progress(.workersReady($0, of: setup.clusterPlan.assignments.count)) }
        while try ownExperts?.isLoaded() == false {
            guard MonotonicClock.now() < deadline else {
                let limit = plan.cluster.startSeconds
                throw .local("the coordinator's own experts were not loaded within \(limit) s (cluster.start_seconds)")
            }
            try shell.pump(milliseconds: CoordinatorShell.tickMilliseconds)
        }
        let stack = try LayerStack(setup: setup, shell: shell, ownExperts: ownExperts)
        let warmup = plan.run.warmup
        let steps = plan.run.steps
        var sinks = try StepSinks(setup, plan, options)
        defer { sinks.report(to: &outcome) }
        let ranks = setup.clusterPlan.assignments.count
        var scan = RecordScan(setup.model, ranks: ranks)
        var rebalancing = LiveRebalancing(setup, plan, shell: shell)
        defer {
            outcome.rebalances = rebalancing?.records
            if rebalancing?.hasMoved == true { outcome.notes.append(Self.movedNote) }
        }
        for index in 0..<warmup + steps {
            let isMeasured = index >= warmup
            let keepsLayers = isMeasured && sinks.wantLayers
            var result = try stack.run(index: index, workload: batch(index), keepsLayers: keepsLayers)
            try checkFinite(result.output, step: index)
            if isMeasured {
                result.record.step = index - warmup
                result.track.step = index - warmup
                do { try scan.add(result.record) } catch { throw .local("\(error)") }
                outcome.steps.append(result.record)
                progress(.measured(result.record, result.track))
                outcome.stampsMovedSeconds = max(outcome.stampsMovedSeconds, result.stampsMoved.seconds)
                if options.verifies { progress(.verifying(index - warmup, of: steps)) }
                try sinks.take(result) { () throws(RuntimeError) in try shell.pump() }
            }
            progress(.stepDone(index - warmup, of: steps))
            try shell.pump()
            // Nothing follows the last step.
            if index + 1 < warmup + steps, let switched = try rebalancing?.stepEnded(result.record) {
                for (layer, placement) in switched { stack.place(placement, layer: layer) }
                if !switched.isEmpty, let placement = rebalancing?.placement { progress(.placed(placement)) }
            }
        }
        try sinks.finish()
    }

    /// The note of a run whose experts have moved.
    private static let movedNote =
        "experts moved while the run went on: experts.csv says for each step where an expert stood, the page where it stood "
        + "at the end"

    /// Throw when an output is not finite: such a value would spread to all later layers, and no figure would show it.
    private func checkFinite(_ output: Matrix, step: Int) throws(RuntimeError) {
        guard let place = output.values.firstIndex(where: { !$0.isFinite }) else { return }
        let (token, column) = place.quotientAndRemainder(dividingBy: output.columns)
        throw .local(
            "step \(step): value \(column) of the output of token \(token) is \(output.values[place]); "
                + "look for numbers that are not finite in the weights or the input"
        )
    }

    private func batch(_ step: Int) throws(RuntimeError) -> WorkloadBatch {
        do {
            return try setup.workload.batch(step: step)
        } catch {
            throw .local(error.description)
        }
    }
}

extension Session {
    /// The modelled clock's prediction of steps that ran, or the reason why there is none.
    public enum HostForecast: Sendable {
        /// The prediction of the mean of all steps.
        case prediction(HostPrediction)
        /// No prediction, with the reason: an uncovered property of the run, or no measured step.
        case none(String)
    }

    /// Predict the mean time of steps from their loads.
    ///
    /// - Parameters:
    ///   - steps: the measured steps; only their loads are read.
    ///   - profile: the profile of the machine that the steps ran on.
    public func forecast(of steps: [StepRecord], by profile: HostProfile) -> HostForecast {
        if let reason = uncovered { return .none("no prediction: \(profile.name) does not cover \(reason)") }
        guard !steps.isEmpty else { return .none("no prediction: no step was measured") }
        let predictor = HostPredictor(setup, profile: profile, computesLogits: computesLogits)
        return .prediction(predictor.prediction(of: steps, warmup: plan.run.warmup))
    }

    /// The first property of the run that the model of a host does not cover, in words, or nil when it covers all.
    private var uncovered: String? {
        if setup.microBatches > 1 { return "two micro-batches (run.overlap)" }
        if setup.router is CommandRouter { return "a program that routes (router.command)" }
        if setup.delay != nil { return "a delay (cluster.delay_phase)" }
        if setup.form.dispatch == .f8e4m3 { return "rows in float8 (cluster.dispatch_payload)" }
        if setup.form.presums { return "sums by workers (cluster.combine)" }
        if plan.cluster.rebalancing.trigger != .never { return "a placement that changes (cluster.rebalance)" }
        if plan.cluster.transport != .ipc { return "links other than ipc (cluster.transport)" }
        return nil
    }

    /// Whether the model's gate is applied; false when the workload brings logits or choices.
    private var computesLogits: Bool {
        switch plan.workload.kind {
        case .activations, .text: true
        case .synthetic, .trace, .loads: false
        }
    }
}

/// A coordinator's socket that listens already, before the rest of the run exists.
public struct Listener {
    let socket: RouterSocket

    /// The endpoint of the socket, with the port filled in.
    public var endpoint: Endpoint { socket.endpoint }
}
