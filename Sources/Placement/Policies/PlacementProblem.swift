/// What a policy may know when it places the experts of one layer.
public struct PlacementProblem: Sendable {
    /// Number of logical experts, E.
    public let experts: Int
    /// Slots of all ranks together, P: experts and redundant ones.
    public let slots: Int
    /// Number of ranks, D.
    public let ranks: Int
    /// Number of nodes, N: where ranks divide over them, rank r is on node r / (D / N).
    public let nodes: Int
    /// Groups of experts that a token's choice is limited to, G.
    public let groups: Int
    /// Copies of each expert in each step that was seen, `[steps][experts]`.
    public var loads: [[Double]]
    /// The placement in force, from which copies would be moved, or nil.
    public var inForce: LayerPlacement?
    /// Tokens that chose both experts of a pair, row by row, `[experts * experts]`, or nil where they are not known.
    public var coactivations: [Double]?
    /// The seed of what is drawn.
    public var seed: UInt64
    /// The number of the layer, from 0.
    public var layer: Int

    /// A problem of the given sizes.
    ///
    /// - Throws: ``PlacementError`` when a count is below 1, there are fewer slots than experts or ranks, a rank would
    ///   have fewer or more slots than another although experts are replicated, or loads have another number of experts.
    public init(
        experts: Int,
        slots: Int? = nil,
        ranks: Int,
        nodes: Int = 1,
        groups: Int = 1,
        loads: [[Double]] = [],
        inForce: LayerPlacement? = nil,
        coactivations: [Double]? = nil,
        seed: UInt64 = 0,
        layer: Int = 0
    ) throws(PlacementError) {
        let slots = slots ?? experts
        self.experts = experts
        self.slots = slots
        self.ranks = ranks
        self.nodes = nodes
        self.groups = groups
        self.loads = loads
        self.inForce = inForce
        self.coactivations = coactivations
        self.seed = seed
        self.layer = layer
        for (count, name) in [(experts, "experts"), (ranks, "ranks"), (nodes, "nodes"), (groups, "groups")]
        where count < 1 {
            throw PlacementError("\(count) \(name) were asked for; at least 1 is needed")
        }
        guard slots >= experts else {
            throw PlacementError("\(slots) slots for \(experts) experts; every expert needs at least 1")
        }
        guard ranks <= slots else {
            throw PlacementError(
                slots == experts
                    ? "\(ranks) ranks for \(experts) experts; there may be at most one rank per expert, or one per slot"
                    : "\(ranks) ranks for \(slots) slots; every rank needs at least 1"
            )
        }
        guard slots == experts || slots.isMultiple(of: ranks) else {
            throw PlacementError("\(slots) slots on \(ranks) ranks; ranks need equally many slots")
        }
        guard experts.isMultiple(of: groups) else {
            throw PlacementError("\(experts) experts in \(groups) groups; groups need equally many experts")
        }
        for (step, load) in loads.enumerated() where load.count != experts {
            throw PlacementError("loads of \(load.count) experts in step \(step); the model has \(experts)")
        }
        if let coactivations, coactivations.count != experts * experts {
            throw PlacementError(
                "\(coactivations.count) pairs of experts; \(experts) experts have \(experts * experts)"
            )
        }
        if let inForce, inForce.experts != experts || inForce.ranks != ranks || inForce.slots.count != slots {
            throw PlacementError(
                "the placement in force has \(inForce.experts) experts in \(inForce.slots.count) slots on "
                    + "\(inForce.ranks) ranks; the new one has \(experts) in \(slots) on \(ranks)"
            )
        }
    }

    /// Copies of each expert over all steps, `[experts]`.
    public var totals: [Double] {
        loads.reduce(into: [Double](repeating: 0, count: experts)) { sums, load in
            for expert in load.indices { sums[expert] += load[expert] }
        }
    }

    /// Whether groups can stay whole on nodes of equally many ranks.
    var keepsGroupsOnNodes: Bool { groups.isMultiple(of: nodes) && ranks.isMultiple(of: nodes) }

    /// Slots of each rank, S, for a policy that puts no expert twice on a rank.
    ///
    /// - Throws: ``PlacementError`` when ranks have different numbers of slots, or more slots than there are experts.
    func differentSlotsPerRank(_ policy: String) throws(PlacementError) -> Int {
        let count = try slotsPerRank(policy)
        guard count <= experts else {
            throw PlacementError(
                "\(slots) slots of \(experts) experts on \(ranks) ranks; placement by \(policy) puts each expert on a rank once"
            )
        }
        return count
    }

    /// Slots of each rank, S.
    ///
    /// - Throws: ``PlacementError`` when ranks have different numbers of slots.
    func slotsPerRank(_ policy: String) throws(PlacementError) -> Int {
        guard slots.isMultiple(of: ranks) else {
            throw PlacementError(
                "\(slots) slots on \(ranks) ranks; placement by \(policy) needs equally many slots on each rank"
            )
        }
        return slots / ranks
    }
}
