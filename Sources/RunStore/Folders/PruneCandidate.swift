/// A run that the rules of a pruning name.
public struct PruneCandidate: Equatable, Sendable {
    /// What is to be done with it.
    public enum Fate: Equatable, Sendable {
        /// Its folder is deleted, and it is taken out of the index.
        case delete
        /// Its folder is gone; it is taken out of the index.
        case forget
        /// It stays, for the reason that is said.
        case stay(String)
    }

    /// The run.
    public let run: IndexedRun
    /// What is to be done with it.
    public let fate: Fate
}
