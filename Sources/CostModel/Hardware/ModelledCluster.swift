/// Ranks of a hardware profile and the nodes that they form.
public struct ModelledCluster: Equatable, Sendable {
    /// The hardware.
    public let profile: HardwareProfile
    /// Number of ranks, R.
    public let ranks: Int
    /// Ranks of each node; the last node may have fewer.
    public let ranksPerNode: Int

    /// `ranks` ranks, node after node.
    ///
    /// - Precondition: `ranks >= 1`.
    public init(profile: HardwareProfile, ranks: Int) {
        precondition(ranks >= 1, "\(ranks) ranks")
        self.profile = profile
        self.ranks = ranks
        ranksPerNode = max(1, Int(profile[.ranksPerNode]))
    }

    /// Number of nodes.
    public var nodes: Int { (ranks + ranksPerNode - 1) / ranksPerNode }

    /// The node of a rank.
    public func node(ofRank rank: Int) -> Int { rank / ranksPerNode }

    /// What one rank sends to other nodes at a time, in GB/s: its part of the node's network interfaces.
    public var nicBandwidth: Double {
        profile[.nicBandwidth] * profile[.nicsPerNode] / profile[.ranksPerNode]
    }
}
