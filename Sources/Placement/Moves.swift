/// The slots whose experts must be brought to a rank when one placement follows another.
public struct ExpertMoves: Equatable, Sendable {
    /// One expert that a rank gets and did not hold.
    public struct Move: Equatable, Sendable {
        /// The expert.
        public let expert: Int
        /// The rank that sends it: an old holder.
        public let sender: Int
        /// The rank that gets it.
        public let receiver: Int
    }

    /// All moves of one layer, by receiver.
    public let moves: [Move]

    /// The moves from one placement of a layer to the next.
    ///
    /// An expert that the rank held already moves for free. The sender is the old holder on the receiver's node with
    /// the fewest experts to send so far, if there is one, else such a holder anywhere; equal ones by rank.
    ///
    /// - Parameter ranksPerNode: ranks of each node, which they fill one after the other; nil for one node.
    /// - Precondition: both placements have the same experts and ranks.
    public init(from old: LayerPlacement, to new: LayerPlacement, ranksPerNode: Int? = nil) {
        precondition(old.experts == new.experts && old.ranks == new.ranks, "placements of different clusters")
        let ranksOfNode = max(1, ranksPerNode ?? old.ranks)
        var sent = [Int](repeating: 0, count: old.ranks)
        var moves: [Move] = []
        for rank in 0..<new.ranks {
            for expert in Set(new.experts(onRank: rank)).subtracting(old.experts(onRank: rank)).sorted() {
                let holders = old.ranks(ofExpert: expert)
                let near = holders.filter { $0 / ranksOfNode == rank / ranksOfNode }
                guard let sender = (near.isEmpty ? holders : near).min(by: { (sent[$0], $0) < (sent[$1], $1) }) else {
                    continue
                }
                sent[sender] += 1
                moves.append(Move(expert: expert, sender: sender, receiver: rank))
            }
        }
        self.moves = moves
    }

    /// Copies of experts that are brought to a rank.
    public var count: Int { moves.count }
}
