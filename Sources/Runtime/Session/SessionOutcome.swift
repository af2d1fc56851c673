internal import Cluster
public import Placement
public import Records
public import Workloads

/// The outcome of a run, however it ended.
public struct SessionOutcome: Sendable {
    /// The way in which the run ended.
    public internal(set) var end = RunEnd.completed
    /// The measured steps.
    public internal(set) var steps: [StepRecord] = []
    /// The workers that had joined the run.
    public internal(set) var workers: [WorkerSummary] = []
    /// The summary of the tokens.
    public internal(set) var workload: WorkloadSummary?
    /// The number of tokens that were recomputed, or nil when nothing was verified.
    public internal(set) var checkedTokens: Int?
    /// The number of recomputed tokens with a wrong output, or nil when nothing was verified.
    public internal(set) var wrongTokens: Int?
    /// The root mean square error of the outputs against outputs recomputed without rounding on the wire, relative to
    /// the root mean square of these; nil when nothing was verified.
    public internal(set) var outputError: Double?
    /// SHA-256 of all outputs in token order.
    public internal(set) var outputDigest: String?
    /// The largest shift, in seconds, that put a worker's time stamp between the coordinator's stamps of the same
    /// chunk.
    public internal(set) var stampsMovedSeconds = 0.0
    /// The rebalances of the run, or nil where experts do not move.
    public internal(set) var rebalances: [RebalanceRecord]?
    /// What of the workload's source was left out, a sentence each.
    public internal(set) var notes: [String] = []
    /// Warnings about the workers for a reader of the report, a sentence each.
    public internal(set) var warnings: [String] = []
}

/// An event of a run under way.
public enum SessionEvent: Sendable {
    /// The number of workers that are ready, of all that the run needs.
    case workersReady(Int, of: Int)
    /// A step was measured: its record, and the track of all its intervals, of which the record has the sums. Nothing
    /// else keeps the track.
    case measured(StepRecord, StepTrack)
    /// Experts have moved: the placement from the next step on.
    case placed(Placement)
    /// A step is done; warm-up steps count from `-warmup` up to -1.
    case stepDone(Int, of: Int)
    /// The number of layers that are predicted, of the layers of all steps together.
    case predicted(Int, of: Int)
    /// A step is being recomputed.
    case verifying(Int, of: Int)
}

/// A worker as it appears in a report.
public struct WorkerSummary: Sendable {
    /// The rank of the worker.
    public let rank: Int
    /// The process id on the worker's host.
    public let pid: Int
    /// The name of the worker's host.
    public let host: String
    /// The worker's processor, with the widest instruction set that products use on it.
    public let processor: String
    /// Whether the worker runs under the same kernel as the coordinator, in another container perhaps.
    public let isOnThisMachine: Bool
    /// The number of routed experts that the worker holds, per layer.
    public let expertsPerLayer: [Int]
    /// The names that oneDNN gives to the product implementations that ran.
    public let kernels: [String]
    /// Bytes of packed expert weights.
    public let weightBytes: Int
    /// The lead of the worker's clock over the coordinator's, in seconds.
    public let clockOffsetSeconds: Double
    /// The uncertainty of ``clockOffsetSeconds``, in seconds.
    public let clockUncertaintySeconds: Double

    init(_ member: Member, expertsPerLayer: [Int]) {
        rank = member.rank
        pid = Int(member.hello.pid)
        host = member.hello.host
        processor = member.hello.processor
        isOnThisMachine = member.hello.bootID == Host.bootID
        self.expertsPerLayer = expertsPerLayer
        kernels = member.ready?.kernels ?? []
        weightBytes = member.ready?.weightBytes ?? 0
        clockOffsetSeconds = member.clock.offset.seconds
        clockUncertaintySeconds = member.usedUncertainty.seconds
    }
}
