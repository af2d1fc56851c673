/// Which slots of a layer hold which experts.
///
/// Every expert has at least one slot; one with several slots is replicated.
public struct LayerPlacement: Equatable, Sendable {
    /// Number of logical experts, E.
    public let experts: Int
    /// Number of ranks, R.
    public let ranks: Int
    /// All slots, by rank and then by local index.
    public let slots: [Slot]
    private let firstSlotOfRank: [Int]
    private let firstRankOfExpert: [Int]

    /// A placement given by the experts of each rank, in the order of the rank's slots.
    ///
    /// - Parameters:
    ///   - experts: number of logical experts, E.
    ///   - expertsOfRank: one list of experts a rank; an expert that stands in several lists is replicated.
    /// - Throws: ``PlacementError`` when there is no rank, a rank without an expert, an expert outside `0..<experts`,
    ///   an expert that is twice on one rank, or an expert without a slot.
    public init(experts: Int, expertsOfRank: [[Int]]) throws(PlacementError) {
        guard !expertsOfRank.isEmpty else { throw PlacementError("0 ranks were given; at least 1 is needed") }
        var slots: [Slot] = []
        var firstSlotOfRank = [0]
        var firstRankOfExpert = [Int](repeating: -1, count: max(experts, 0))
        for (rank, held) in expertsOfRank.enumerated() {
            try Self.check(held, onRank: rank, experts: experts)
            for (localIndex, expert) in held.enumerated() {
                slots.append(Slot(rank: rank, localIndex: localIndex, expert: expert))
                if firstRankOfExpert[expert] < 0 { firstRankOfExpert[expert] = rank }
            }
            firstSlotOfRank.append(slots.count)
        }
        if let missing = firstRankOfExpert.firstIndex(of: -1) {
            throw PlacementError("expert \(missing) is on no rank; every one of the \(experts) experts needs a slot")
        }
        self.experts = experts
        self.ranks = expertsOfRank.count
        self.slots = slots
        self.firstSlotOfRank = firstSlotOfRank
        self.firstRankOfExpert = firstRankOfExpert
    }

    /// The slots on one rank, by local index.
    public func slots(onRank rank: Int) -> ArraySlice<Slot> {
        slots[firstSlotOfRank[rank]..<firstSlotOfRank[rank + 1]]
    }

    /// The experts on one rank, by local index.
    public func experts(onRank rank: Int) -> [Int] {
        slots(onRank: rank).map(\.expert)
    }

    /// The rank that holds an expert; of a replicated expert, the lowest rank that holds it.
    public func rank(ofExpert expert: Int) -> Int {
        firstRankOfExpert[expert]
    }

    private static func check(_ held: [Int], onRank rank: Int, experts: Int) throws(PlacementError) {
        guard !held.isEmpty else { throw PlacementError("rank \(rank) holds no expert; every rank needs at least 1") }
        var seen: Set<Int> = []
        for expert in held {
            guard expert >= 0 && expert < experts else {
                throw PlacementError("rank \(rank) holds expert \(expert); allowed are 0 to \(experts - 1)")
            }
            guard seen.insert(expert).inserted else {
                throw PlacementError("rank \(rank) holds expert \(expert) twice; once is enough")
            }
        }
    }
}
