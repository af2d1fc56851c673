import MoE
import Placement
import Tensors
import Testing

@Suite("Slots of copies")
struct SlotPlanTests {
    /// Expert 2 has three slots, expert 0 two; token 7 of the step is the plan's first.
    @Test func theTokensIndexNamesTheReplica() throws {
        let placement = try LayerPlacement(experts: 3, expertsOfRank: [[2, 0], [1, 2], [0, 2]])
        let plan = DispatchPlan(
            experts: 3,
            copyOffsets: [0, 2, 4, 6, 7],
            expert: [2, 0, 2, 1, 0, 2, 0],
            weight: [Float](repeating: 1, count: 7),
            position: [0, 0, 1, 0, -1, 2, 1]
        )
        // Slots of expert 2: 0, 3 and 5; of expert 0: 1 and 4; of expert 1: 2.
        let slots = SlotPlan(plan, placement: placement, context: ReplicaContext(firstToken: 7))
        #expect(slots.slotOfCopy == [3, 4, 5, 2, SlotPlan.none, 0, 1])
        #expect(SlotPlan(plan, placement: placement).slotOfCopy == [0, 1, 3, 2, SlotPlan.none, 5, 4])
        #expect(slots.slot(ofCopy: 0) == 3 && slots.slot(ofCopy: 4) == nil)
        #expect(slots.copiesOfSlot == [1, 1, 1, 1, 1, 1])
    }

    /// Experts 3 and 4 are identity experts: nobody holds them. With and without replicas.
    @Test(arguments: [[[2, 0], [1]], [[2, 0], [1, 2]]])
    func copiesForIdentityExpertsHaveNone(expertsOfRank: [[Int]]) throws {
        let placement = try LayerPlacement(experts: 3, expertsOfRank: expertsOfRank)
        let plan = DispatchPlan(
            experts: 5,
            copyOffsets: [0, 2, 4],
            expert: [3, 1, 4, 0],
            weight: [Float](repeating: 1, count: 4),
            position: [0, 0, 0, 0]
        )
        let slots = SlotPlan(plan, placement: placement)
        #expect(slots.slotOfCopy == [SlotPlan.none, 2, SlotPlan.none, 1])
        #expect(slots.copiesOfSlot.reduce(0, +) == 2)
    }

    @Test(arguments: UInt64(1)...60)
    func everyKeptCopyHasOneSlotOfItsExpert(seed: UInt64) throws {
        let layer = try RandomRouting(seed: seed)
        let slots = SlotPlan(layer.plan, placement: layer.placement)
        #expect(slots.slotOfCopy.count == layer.plan.copies, "seed \(seed)")
        for copy in 0..<layer.plan.copies {
            let slot = slots.slot(ofCopy: copy)
            #expect((slot != nil) == layer.plan.isKept(copy), "seed \(seed), copy \(copy)")
            guard let slot else { continue }
            let expert = Int(layer.plan.expert[copy])
            #expect(layer.placement.slots[slot].expert == expert, "seed \(seed), copy \(copy)")
        }
        #expect(slots == SlotPlan(layer.plan, placement: layer.placement), "seed \(seed)")
    }

    /// Loads of slots are those of their experts, and a token's turn differs from the next one's.
    @Test(arguments: UInt64(1)...60)
    func slotsOfAnExpertShareItsCopies(seed: UInt64) throws {
        let layer = try RandomRouting(seed: seed)
        let copies = SlotPlan(layer.plan, placement: layer.placement).copiesOfSlot
        let loads = ExpertLoads(layer.plan).kept
        for expert in 0..<layer.plan.experts {
            let held = layer.placement.slotNumbers(ofExpert: expert).map(Int.init)
            #expect(held.reduce(0) { $0 + copies[$1] } == loads[expert], "seed \(seed), expert \(expert)")
            for (place, slot) in held.enumerated() {
                let tokens = (0..<layer.plan.tokens).filter { $0 % held.count == place }
                let expected = tokens.count { token in
                    layer.plan.copies(ofToken: token).contains {
                        layer.plan.isKept($0) && Int(layer.plan.expert[$0]) == expert
                    }
                }
                #expect(copies[slot] == expected, "seed \(seed), slot \(slot)")
            }
        }
    }

    @Test(arguments: UInt64(1)...60)
    func aStepThatIsCutHasTheSameSlots(seed: UInt64) throws {
        let layer = try RandomRouting(seed: seed)
        let whole = SlotPlan(layer.plan, placement: layer.placement)
        for size in [1, 2, 5, 17, 64] {
            let parts = stride(from: 0, to: layer.plan.tokens, by: size).map { first in
                SlotPlan(
                    layer.part(first..<min(first + size, layer.plan.tokens)),
                    placement: layer.placement,
                    context: ReplicaContext(firstToken: first)
                )
            }
            guard !parts.isEmpty else { continue }
            #expect(SlotPlan.joined(parts) == whole, "seed \(seed), \(size) tokens a part")
        }
    }
}

/// A random plan and placement that a printed seed brings back: experts with up to as many slots as there are ranks, copies
/// that were dropped, tokens without a copy.
private struct RandomRouting {
    let plan: DispatchPlan
    let placement: LayerPlacement

    init(seed: UInt64) throws {
        let random = CounterRandom(seed: seed, purpose: .test)
        var draw = 0
        func below(_ limit: Int) -> Int {
            draw += 1
            return min(Int(random.uniform(draw) * Float(limit)), limit - 1)
        }
        let experts = 1 + below(10)
        let ranks = 1 + below(min(experts, 5))
        var held = (0..<ranks).map { [$0] }
        for expert in ranks..<experts { held[below(ranks)].append(expert) }
        // Every fourth placement has no replica.
        for _ in 0..<(seed % 4 == 0 ? 0 : below(2 * experts)) {
            let (rank, expert) = (below(ranks), below(experts))
            if !held[rank].contains(expert) { held[rank].insert(expert, at: below(held[rank].count + 1)) }
        }
        placement = try LayerPlacement(experts: experts, expertsOfRank: held)
        var (offsets, chosen, kept) = ([0], [Int32](), [Int32]())
        for _ in 0..<below(60) {
            var left = Array(0..<experts)
            for _ in 0..<below(min(experts, 4) + 1) {
                chosen.append(Int32(left.remove(at: below(left.count))))
                kept.append(below(5) == 0 ? DispatchPlan.dropped : 0)
            }
            offsets.append(chosen.count)
        }
        plan = Self.plan(experts, offsets, chosen, kept)
    }

    /// The plan of some of the tokens.
    func part(_ tokens: Range<Int>) -> DispatchPlan {
        let copies = plan.copyOffsets[tokens.lowerBound]..<plan.copyOffsets[tokens.upperBound]
        return Self.plan(
            plan.experts,
            plan.copyOffsets[tokens.lowerBound...tokens.upperBound].map { $0 - copies.lowerBound },
            Array(plan.expert[copies]),
            Array(plan.position[copies])
        )
    }

    private static func plan(_ experts: Int, _ offsets: [Int], _ chosen: [Int32], _ positions: [Int32]) -> DispatchPlan
    {
        DispatchPlan(
            experts: experts,
            copyOffsets: offsets,
            expert: chosen,
            weight: [Float](repeating: 1, count: chosen.count),
            position: positions
        )
    }
}
