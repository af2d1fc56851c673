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
