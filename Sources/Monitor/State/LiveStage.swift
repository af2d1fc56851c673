/// The progress of a run.
public enum LiveStage: String, Codable, CaseIterable, Sendable {
    /// It waits for workers to join and to load their experts.
    case waiting
    /// It runs steps that are not measured.
    case warmup
    /// It runs measured steps.
    case measuring
    /// All steps were run.
    case completed
    /// The user ended it.
    case interrupted
    /// It could not go on.
    case failed

    /// True when no step will come any more.
    public var isOver: Bool {
        switch self {
        case .waiting, .warmup, .measuring: false
        case .completed, .interrupted, .failed: true
        }
    }
}
