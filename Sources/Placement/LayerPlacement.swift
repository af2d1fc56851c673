/// The slots of one layer, with the experts that they hold.
///
/// Every expert has at least one slot; one with several slots is replicated.
public struct LayerPlacement: Equatable, Sendable {
    /// Number of logical experts, E.
    public let experts: Int
    /// Number of ranks, R.
    public let ranks: Int
    /// All slots, by rank and then by local index. The number of a slot is its place here.
    public let slots: [Slot]
    /// The rank of each slot, by its number, `[slots]`.
    public let rankOfSlot: [Int32]
    private let firstSlotOfRank: [Int]
    /// The numbers of the slots of each expert, in ascending order, expert after expert, `[slots]`.
    private let slotsByExpert: [Int32]
    /// The index of each expert's first slot in ``slotsByExpert``, and the number of all slots, `[experts + 1]`.
    private let firstOfExpert: [Int]

    /// A placement given by the experts of each rank, in the order of the rank's slots.
    ///
    /// - Parameters:
    ///   - experts: number of logical experts, E.
    ///   - expertsOfRank: one list of experts a rank; an expert that stands several times is replicated.
    /// - Throws: ``PlacementError`` when there is no rank, a rank without an expert, an expert outside `0..<experts`,
    ///   or an expert without a slot.
    public init(experts: Int, expertsOfRank: [[Int]]) throws(PlacementError) {
        guard !expertsOfRank.isEmpty else { throw PlacementError("0 ranks were given; at least 1 is needed") }
        let slotCount = expertsOfRank.reduce(0) { $0 + $1.count }
        var slots: [Slot] = []
        slots.reserveCapacity(slotCount)
        var firstSlotOfRank = [0]
        var firstOfExpert = [Int](repeating: 0, count: max(experts, 0) + 1)
        for (rank, held) in expertsOfRank.enumerated() {
            try Self.check(held, onRank: rank, experts: experts)
            for (localIndex, expert) in held.enumerated() {
                firstOfExpert[expert + 1] += 1
                slots.append(Slot(rank: rank, localIndex: localIndex, expert: expert))
            }
            firstSlotOfRank.append(slots.count)
        }
        if let missing = firstOfExpert.dropFirst().firstIndex(of: 0) {
            throw PlacementError(
                "expert \(missing - 1) is on no rank; every one of the \(experts) experts needs a slot"
            )
        }
        for expert in 0..<max(experts, 0) { firstOfExpert[expert + 1] += firstOfExpert[expert] }
        var next = firstOfExpert
        var slotsByExpert = [Int32](repeating: 0, count: slotCount)
        for (number, slot) in slots.enumerated() {
            slotsByExpert[next[slot.expert]] = Int32(number)
            next[slot.expert] += 1
        }
        self.experts = experts
        self.ranks = expertsOfRank.count
        self.slots = slots
        rankOfSlot = slots.map { Int32($0.rank) }
        self.firstSlotOfRank = firstSlotOfRank
        self.slotsByExpert = slotsByExpert
        self.firstOfExpert = firstOfExpert
    }

    /// A placement given by the expert of each slot, rank after rank, all ranks with equally many slots.
    ///
    /// - Throws: ``PlacementError`` when the slots do not divide over the ranks, an expert is outside `0..<experts`, or
    ///   one has no slot.
    public init(experts: Int, expertOfSlot: [Int], ranks: Int) throws(PlacementError) {
        guard ranks >= 1 else { throw PlacementError("\(ranks) ranks were asked for; at least 1 is needed") }
        guard expertOfSlot.count.isMultiple(of: ranks) else {
            throw PlacementError("\(expertOfSlot.count) slots on \(ranks) ranks; ranks need equally many slots")
        }
        let slotsPerRank = expertOfSlot.count / ranks
        try self.init(
            experts: experts,
            expertsOfRank: (0..<ranks).map { Array(expertOfSlot[$0 * slotsPerRank..<($0 + 1) * slotsPerRank]) }
        )
    }

    /// The numbers of the slots on one rank, in the order of their local index.
    public func slotNumbers(onRank rank: Int) -> Range<Int> {
        firstSlotOfRank[rank]..<firstSlotOfRank[rank + 1]
    }

    /// The slots on one rank, by local index.
    public func slots(onRank rank: Int) -> ArraySlice<Slot> {
        slots[slotNumbers(onRank: rank)]
    }

    /// The experts on one rank, by local index.
    public func experts(onRank rank: Int) -> [Int] {
        slots(onRank: rank).map(\.expert)
    }

    /// The numbers of the slots that hold an expert, in ascending order: at least one.
    public func slotNumbers(ofExpert expert: Int) -> ArraySlice<Int32> {
        slotsByExpert[firstOfExpert[expert]..<firstOfExpert[expert + 1]]
    }

    /// The numbers of the slots of all experts where each has one, `[experts]`.
    ///
    /// - Precondition: no expert is replicated.
    var onlySlots: [Int32] {
        precondition(!hasReplicas, "an expert has several slots")
        return slotsByExpert
    }

    /// The ranks that hold an expert, in ascending order: at least one.
    public func ranks(ofExpert expert: Int) -> [Int] {
        var ranks = slotNumbers(ofExpert: expert).map { Int(rankOfSlot[Int($0)]) }
        // The slots are in the order of ranks, so that those of one rank stand side by side.
        var last = -1
        ranks.removeAll { rank in
            defer { last = rank }
            return rank == last
        }
        return ranks
    }

    /// True when some expert has several slots.
    public var hasReplicas: Bool { slots.count > experts }

    /// Spread a quantity given per expert evenly over the slots of each expert, `[slots]`.
    ///
    /// - Parameter ofExperts: the quantity, for example routed copies, `[experts]`.
    public func evenly(_ ofExperts: [Double]) -> [Double] {
        slots.map { ofExperts[$0.expert] / Double(slotNumbers(ofExpert: $0.expert).count) }
    }

    /// Estimate the copies of each slot from the counted copies of each expert and of each rank, `[slots]`.
    ///
    /// The copies of a rank beyond those of its experts without replicas are spread over its other slots as
    /// ``evenly(_:)`` would. A rank's slots so have the copies that it had, as far as they can.
    ///
    /// - Parameters:
    ///   - ofExperts: copies of each expert, `[experts]`.
    ///   - ofRanks: copies of each rank, `[ranks]`.
    public func copies(ofExperts: [Int], ofRanks: [Int]) -> [Double] {
        var copies = evenly(ofExperts.map { Double($0) })
        guard hasReplicas else { return copies }
        for rank in 0..<ranks {
            let shared = slotNumbers(onRank: rank).filter { slotNumbers(ofExpert: slots[$0].expert).count > 1 }
            let all = slotNumbers(onRank: rank).reduce(0) { $0 + copies[$1] }
            let spread = shared.reduce(0) { $0 + copies[$1] }
            guard spread > 0 else { continue }
            let factor = max(0, Double(ofRanks[rank]) - (all - spread)) / spread
            for slot in shared { copies[slot] *= factor }
        }
        return copies
    }

    private static func check(_ held: [Int], onRank rank: Int, experts: Int) throws(PlacementError) {
        guard !held.isEmpty else { throw PlacementError("rank \(rank) holds no expert; every rank needs at least 1") }
        for expert in held where expert < 0 || expert >= experts {
            throw PlacementError("rank \(rank) holds expert \(expert); allowed are 0 to \(experts - 1)")
        }
    }
}

/// A place on a rank that holds one expert, or one of its replicas.
public struct Slot: Equatable, Sendable {
    /// The rank that the slot is on.
    public let rank: Int
    /// The place of the slot among the slots of its rank, from 0.
    public let localIndex: Int
    /// The logical expert that the slot holds.
    public let expert: Int

    /// A slot that holds `expert`.
    public init(rank: Int, localIndex: Int, expert: Int) {
        self.rank = rank
        self.localIndex = localIndex
        self.expert = expert
    }
}
