public import Placement

/// The bytes and the time that it takes to bring experts to the ranks that a new placement puts them on.
public struct MoveCost: Equatable, Sendable {
    /// Copies of experts that are brought to a rank, over all layers.
    public private(set) var copies = 0
    /// Bytes of their weights.
    public private(set) var bytes = 0.0
    /// Seconds until the last rank has sent and received its own, links of a node and between nodes apart.
    public private(set) var seconds = 0.0
    /// Bytes that the rank which receives most gets.
    public private(set) var mostReceived = 0.0

    /// The cost of going from one placement to another on a cluster.
    ///
    /// Every rank sends and receives at once, at the bandwidth of its links; what passes over the network interfaces
    /// goes beside what stays in the node. The latency of single messages is not counted.
    ///
    /// - Parameter bytesOfExpert: bytes of the weights of one expert.
    /// - Precondition: both placements have as many layers, experts and ranks.
    public init(from old: Placement, to new: Placement, on cluster: ModelledCluster, bytesOfExpert: Double) {
        let none = [Double](repeating: 0, count: cluster.ranks)
        var (linkIn, linkOut, nicIn, nicOut) = (none, none, none, none)
        for layer in new.layers.indices {
            let moves = ExpertMoves(from: old[layer], to: new[layer], ranksPerNode: cluster.ranksPerNode).moves
            copies += moves.count
            for move in moves {
                if cluster.node(ofRank: move.sender) == cluster.node(ofRank: move.receiver) {
                    linkOut[move.sender] += bytesOfExpert
                    linkIn[move.receiver] += bytesOfExpert
                } else {
                    nicOut[move.sender] += bytesOfExpert
                    nicIn[move.receiver] += bytesOfExpert
                }
            }
        }
        bytes = Double(copies) * bytesOfExpert
        mostReceived = zip(linkIn, nicIn).map(+).max() ?? 0
        let links = max(linkIn.max() ?? 0, linkOut.max() ?? 0) / (cluster.profile[.linkBandwidth] * 1e9)
        let nics = max(nicIn.max() ?? 0, nicOut.max() ?? 0)
        seconds = max(links, nics > 0 ? nics / (cluster.nicBandwidth * 1e9) : 0)
    }
}

/// The seconds that a slot with copies takes on a hardware profile.
///
/// Of a rank, the model of expert products adds the slots' seconds up, so that this is what one more slot or copy costs it.
public struct SlotCost: RankCost {
    private let compute: ComputeModel
    private let launch: Double

    /// The cost of slots whose products `compute` models.
    public init(_ compute: ComputeModel) {
        self.compute = compute
        launch = compute.seconds(rows: [0], tokens: 0)
    }

    /// Seconds of a slot beyond what its rank takes without it; 0 for no copies.
    public func cost(ofSlotWith copies: Double) -> Double {
        copies > 0 ? max(0, compute.seconds(rows: [copies], tokens: copies) - launch) : 0
    }
}
