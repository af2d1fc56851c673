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
    ///   - expertsOfRank: one list of experts a rank; an expert that stands in several lists is replicated.
    /// - Throws: ``PlacementError`` when there is no rank, a rank without an expert, an expert outside `0..<experts`,
    ///   an expert that is twice on one rank, or an expert without a slot.
    public init(experts: Int, expertsOfRank: [[Int]]) throws(PlacementError) {
        guard !expertsOfRank.isEmpty else { throw PlacementError("0 ranks were given; at least 1 is needed") }
        var slots: [Slot] = []
        var firstSlotOfRank = [0]
        var slotsOfExpert = [[Int32]](repeating: [], count: max(experts, 0))
        for (rank, held) in expertsOfRank.enumerated() {
            try Self.check(held, onRank: rank, experts: experts)
            for (localIndex, expert) in held.enumerated() {
                slotsOfExpert[expert].append(Int32(slots.count))
                slots.append(Slot(rank: rank, localIndex: localIndex, expert: expert))
            }
            firstSlotOfRank.append(slots.count)
        }
        if let missing = slotsOfExpert.firstIndex(of: []) {
            throw PlacementError("expert \(missing) is on no rank; every one of the \(experts) experts needs a slot")
        }
        self.experts = experts
        self.ranks = expertsOfRank.count
        self.slots = slots
        rankOfSlot = slots.map { Int32($0.rank) }
        self.firstSlotOfRank = firstSlotOfRank
        slotsByExpert = Array(slotsOfExpert.joined())
        firstOfExpert = slotsOfExpert.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
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
        slotNumbers(ofExpert: expert).map { Int(rankOfSlot[Int($0)]) }
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

/// A rule that gives every expert one slot.
public enum PlacementPolicy: String, Codable, CaseIterable, Sendable {
    /// Experts in runs: the first rank holds the first experts, and so on. When the experts do not divide evenly, the
    /// first ranks hold one more.
    case contiguous
    /// Expert e stands on rank e mod R, with R ranks.
    case roundRobin = "round-robin"

    /// Place the experts of `layers` layers on `ranks` ranks, every layer alike.
    ///
    /// - Throws: ``PlacementError`` when there is no layer, no rank, or more ranks than experts.
    public func placement(layers: Int, experts: Int, ranks: Int) throws(PlacementError) -> Placement {
        let layer = try layerPlacement(experts: experts, ranks: ranks)
        return try Placement(layers: [LayerPlacement](repeating: layer, count: max(layers, 0)))
    }

    /// Place the experts of one layer on `ranks` ranks.
    ///
    /// - Throws: ``PlacementError`` when there is no rank, or more ranks than experts.
    public func layerPlacement(experts: Int, ranks: Int) throws(PlacementError) -> LayerPlacement {
        guard ranks >= 1 else { throw PlacementError("\(ranks) ranks were asked for; at least 1 is needed") }
        guard ranks <= experts else {
            throw PlacementError("\(ranks) ranks for \(experts) experts; there may be at most one rank per expert")
        }
        let expertsOfRank = (0..<ranks).map { rank in
            switch self {
            case .contiguous: Array(EvenSplit(count: experts, parts: ranks).range(ofPart: rank))
            case .roundRobin: Array(stride(from: rank, to: experts, by: ranks))
            }
        }
        return try LayerPlacement(experts: experts, expertsOfRank: expertsOfRank)
    }
}
