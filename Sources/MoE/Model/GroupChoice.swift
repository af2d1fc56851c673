/// The limit of a token to the experts of `kept` of `groups` groups, which hold equally many neighbours each.
///
/// Source: DeepSeek-V3, arXiv 2412.19437, section 2.1.2, where the groups are nodes.
public struct GroupChoice: Equatable, Sendable {
    /// Groups of experts.
    public var groups: Int
    /// Groups that a token uses.
    public var kept: Int

    /// Create a limit; it has no effect when all groups are kept.
    public init(groups: Int, kept: Int) {
        self.groups = groups
        self.kept = kept
    }

    /// True when a token may not use all groups.
    public var limits: Bool { kept < groups }
}
