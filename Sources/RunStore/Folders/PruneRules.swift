/// The rule of runs to delete: those that pass the filter, without the newest of them.
public struct PruneRules: Equatable, Sendable {
    /// What the runs have in common; its order and limit do not matter.
    public var filter: RunFilter
    /// How many of the newest of them stay.
    public var keep: Int

    /// Rules.
    public init(filter: RunFilter, keep: Int) {
        self.filter = filter
        self.keep = keep
    }
}

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
