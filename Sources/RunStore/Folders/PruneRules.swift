import FoundationEssentials

/// The rules that choose the runs to delete: all that pass a filter, except the newest of them.
public struct PruneRules: Equatable, Sendable {
    /// The filter that chosen runs pass; the order and the limit of the filter do not matter.
    public var filter: RunFilter
    /// The number of runs that stay, the newest of those that pass the filter.
    public var keep: Int

    /// Rules with a filter and a number of runs that stay.
    public init(filter: RunFilter, keep: Int) {
        self.filter = filter
        self.keep = keep
    }
}

/// A run that the rules of a pruning choose, and what the pruning does with it.
public struct PruneCandidate: Equatable, Sendable {
    /// The action that a pruning takes on a run.
    public enum Fate: Equatable, Sendable {
        /// Delete the folder, and take the run out of the index.
        case delete
        /// Only take the run out of the index, since its folder is gone.
        case forget
        /// Keep the run, for the given reason.
        case stay(String)
    }

    /// The run that the rules choose.
    public let run: IndexedRun
    /// The action that a pruning takes on the run.
    public let fate: Fate
}
