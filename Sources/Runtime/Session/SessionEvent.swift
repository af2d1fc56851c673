public import Records

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
