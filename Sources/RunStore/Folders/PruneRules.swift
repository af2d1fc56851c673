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
