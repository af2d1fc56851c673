internal import Cluster
public import Records
public import Workloads

/// The outcome of a run, however it ended.
public struct SessionOutcome: Sendable {
    /// How it ended.
    public internal(set) var end = RunEnd.completed
    /// The measured steps.
    public internal(set) var steps: [StepRecord] = []
    /// The workers that had joined.
    public internal(set) var workers: [WorkerSummary] = []
    /// What tokens there were.
    public internal(set) var workload: WorkloadSummary?
    /// Tokens that were recomputed, or nil when nothing was verified.
    public internal(set) var checkedTokens: Int?
    /// Tokens of these that were wrong.
    public internal(set) var wrongTokens: Int?
    /// Root mean square of the outputs' errors against a wire that loses nothing, relative to that of the outputs.
    public internal(set) var outputError: Double?
    /// SHA-256 of all outputs in token order.
    public internal(set) var outputDigest: String?
    /// The furthest that a worker's stamp had to move to stand between the coordinator's, in seconds.
    public internal(set) var stampsMovedSeconds = 0.0
    /// What happened to workers that a reader of the report should know, a sentence each.
    public internal(set) var notes: [String] = []
}

/// An event of a run under way.
public enum SessionEvent: Sendable {
    /// So many of the workers are ready.
    case workersReady(Int, of: Int)
    /// A step was measured: its sums, and what they are the sums of. Nobody else keeps the track.
    case measured(StepRecord, StepTrack)
    /// A step is done; warm-up steps count from `-warmup` up to -1.
    case stepDone(Int, of: Int)
    /// So many layers of all steps were predicted.
    case predicted(Int, of: Int)
    /// A step is being recomputed.
    case verifying(Int, of: Int)
}

/// A worker as a report names it.
public struct WorkerSummary: Sendable {
    /// Its rank.
    public let rank: Int
    /// Process id on its host.
    public let pid: Int
    /// Its host.
    public let host: String
    /// Its processor, with the widest instruction set that products use on it.
    public let processor: String
    /// Whether it runs under the same kernel as the coordinator, in another container perhaps.
    public let isOnThisMachine: Bool
    /// Routed experts that it holds, per layer.
    public let expertsPerLayer: [Int]
    /// What oneDNN calls the product implementations that ran.
    public let kernels: [String]
    /// Bytes of packed expert weights.
    public let weightBytes: Int
    /// How far its clock is ahead of the coordinator's, in seconds.
    public let clockOffsetSeconds: Double
    /// How far that may be off, in seconds.
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
