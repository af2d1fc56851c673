import Basics
import Cluster
internal import Foundation
internal import Logging
import Records
internal import Runtime
import Workloads

/// The measurement of the fixed costs of a layer: a run of four tokens over one worker, which is a thread of this
/// process with sockets of its own.
enum LayerMeasurement {
    struct Times {
        /// The time of the gate, before any token is sent, in seconds.
        let gate: Repeats
        /// The time of a message in flight, in seconds: the mean of dispatch and combine.
        let message: Repeats
        /// The time in the queue of the worker, in seconds, before and after the computation together.
        let queue: Repeats
        /// The processor time of the coordinator's thread for messages, in seconds.
        let work: Repeats
    }

    static func times(steps: Int) throws -> Times {
        let outcome = try run(configuration(steps: steps))
        if case .failed(let reason) = outcome.end { throw RuntimeError.local(reason) }
        let layers = outcome.steps.flatMap(\.layers).filter { $0.ranks.count == 1 }
        return Times(
            gate: Repeats(layers.map(\.gateSeconds)),
            message: Repeats(
                layers.map { ($0.ranks[0].dispatchInFlightSeconds + $0.ranks[0].combineInFlightSeconds) / 2 }
            ),
            queue: Repeats(layers.map { $0.ranks[0].seconds.queue }),
            work: Repeats(layers.map(\.coordinator.messages))
        )
    }

    private static func configuration(steps: Int) -> RunPlan {
        var plan = RunPlan()
        plan.model.layers = 4
        plan.model.hidden = 64
        plan.model.experts = 4
        plan.model.expertFfn = 64
        plan.workload.kind = .synthetic
        plan.workload.tokens = 4
        plan.cluster.workers = 1
        plan.run.steps = steps
        plan.run.warmup = 5
        return plan
    }

    private static func run(_ plan: RunPlan) throws -> SessionOutcome {
        let log = Logger(label: "epsim") { _ in SwiftLogNoOpLogHandler() }
        let session = try Session(
            plan: plan,
            options: SessionOptions(verifies: false, outputsPath: nil),
            interrupt: Interrupt(),
            log: log
        )
        let suffix = Hexadecimal.random()
        let endpoint = try Endpoint("ipc://@epsim-calibrate-\(getpid())-\(suffix)")
        let listener = try session.listen(endpoint, keys: nil)
        Thread.detachNewThread {
            let options = WorkerOptions(endpoint: endpoint, keys: nil, rank: 0, stays: false, parent: nil)
            // When it fails, the session says that its worker is lost.
            try? WorkerShell(options: options, interrupt: Interrupt(), log: log).run()
        }
        return session.run(listener, workers: nil, progress: { _ in })
    }
}
