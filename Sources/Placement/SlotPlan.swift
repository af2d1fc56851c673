public import MoE

/// The slot of each routed copy of one layer in one step, or in a micro-batch of it.
///
/// A plan is made once from routing and placement, and is read wherever copies are sent, counted, modelled or shown.
///
/// Where an expert has several slots, a ``ReplicaRule`` chooses among them.
public struct SlotPlan: Equatable, Sendable {
    /// The value in ``slotOfCopy`` of a copy that has no slot, as it was dropped or is for an identity expert.
    public static let none: Int32 = -1

    /// The placement of the layer's experts.
    public let placement: LayerPlacement
    /// The number of the slot of each copy, in the order of the plan's copies, or ``none``, `[copies]`.
    public let slotOfCopy: [Int32]

    /// Choose a slot for every copy that was not dropped and whose expert has weights.
    ///
    /// - Parameters:
    ///   - plan: the routing of the layer.
    ///   - placement: the placement of the layer's experts.
    ///   - rule: the rule by which copies take replicas.
    ///   - context: what else the rule may know.
    /// - Precondition: all placed experts are in the plan; those behind them are identity experts, which have no slot.
    public init(
        _ plan: DispatchPlan,
        placement: LayerPlacement,
        rule: ReplicaRule = .tokenIndex,
        context: ReplicaContext = ReplicaContext()
    ) {
        precondition(plan.experts >= placement.experts, "\(plan.experts) experts, \(placement.experts) of them placed")
        self.placement = placement
        slotOfCopy =
            placement.hasReplicas
            ? Self.slots(of: plan, ReplicaChoice(rule, plan, placement, context))
            : Self.onlySlots(of: plan, placement.onlySlots)
    }

    private init(placement: LayerPlacement, slotOfCopy: [Int32]) {
        self.placement = placement
        self.slotOfCopy = slotOfCopy
    }

    /// Join the slot plans of a step's micro-batches, in their order, into the plan of the step.
    ///
    /// - Precondition: there is a plan, and all are of one placement.
    public static func joined(_ plans: [SlotPlan]) -> SlotPlan {
        let placement = plans[0].placement
        guard plans.count > 1 else { return plans[0] }
        precondition(plans.allSatisfy { $0.placement == placement }, "slot plans of different placements")
        return SlotPlan(placement: placement, slotOfCopy: Array(plans.map(\.slotOfCopy).joined()))
    }

    /// The number of the slot of a copy, or nil where it has none.
    @inlinable
    public func slot(ofCopy copy: Int) -> Int? {
        // Only ``none`` is negative.
        let slot = slotOfCopy[copy]
        return slot < 0 ? nil : Int(slot)
    }

    /// Copies of each slot, `[slots]`.
    public var copiesOfSlot: [Int] {
        var copies = [Int](repeating: 0, count: placement.slots.count)
        for slot in slotOfCopy where slot != Self.none { copies[Int(slot)] += 1 }
        return copies
    }

    /// The slot of each copy where every expert has one slot: one look-up a copy, so that without replicas a plan costs
    /// no more.
    private static func onlySlots(of plan: DispatchPlan, _ slotOfExpert: [Int32]) -> [Int32] {
        zip(plan.expert, plan.position).map { expert, position in
            position == DispatchPlan.dropped || expert >= slotOfExpert.count ? none : slotOfExpert[Int(expert)]
        }
    }

    private static func slots(of plan: DispatchPlan, _ choice: ReplicaChoice) -> [Int32] {
        var choice = choice
        let experts = choice.experts
        var slots = [Int32](repeating: none, count: plan.copies)
        for token in 0..<plan.tokens {
            for (position, copy) in plan.copies(ofToken: token).enumerated()
            where plan.isKept(copy) && plan.expert[copy] < experts {
                slots[copy] = choice.slot(ofExpert: Int(plan.expert[copy]), token: token, choice: position)
            }
        }
        return slots
    }
}
