import Cluster
import MoE
import Placement

/// A random plan and placement: some experts replicated, some without tokens, some copies dropped.
struct RandomLayer {
    let plan: DispatchPlan
    let placement: Placement
    let hasSharedExpert: Bool
    let batches: LayerBatches

    init(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let experts = Int.random(in: 1...12, using: &random)
        let ranks = Int.random(in: 1...min(experts, 5), using: &random)
        plan = Self.plan(experts: experts, using: &random)
        placement = try Self.placement(experts: experts, ranks: ranks, using: &random)
        hasSharedExpert = Bool.random(using: &random)
        batches = LayerBatches(
            plan: plan,
            placement: placement,
            replicated: hasSharedExpert ? [ReplicatedVisits()] : []
        )
    }

    /// One false for each row of each rank.
    var emptyRows: [[Bool]] { batches.ranks.map { [Bool](repeating: false, count: $0.rows) } }

    func token(ofCopy copy: Int) -> Int {
        plan.copyOffsets.dropFirst().count { $0 <= copy }
    }

    /// The tokens with a kept copy for an expert, ascending.
    func tokens(ofExpert expert: Int) -> [Int] {
        (0..<plan.copies).filter { plan.isKept($0) && Int(plan.expert[$0]) == expert }.map { token(ofCopy: $0) }
    }

    private static func plan(experts: Int, using random: inout SeededRandom) -> DispatchPlan {
        let keep = Double.random(in: 0...1, using: &random)
        var (offsets, expert, weight, position) = ([0], [Int32](), [Float](), [Int32]())
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let chosen = (0..<experts).shuffled(using: &random).prefix(.random(in: 0...min(4, experts), using: &random))
            for choice in chosen {
                expert.append(Int32(choice))
                weight.append(Float.random(in: 0..<1, using: &random))
                position.append(random.happens(keep) ? 0 : DispatchPlan.dropped)
            }
            offsets.append(expert.count)
        }
        return DispatchPlan(experts: experts, copyOffsets: offsets, expert: expert, weight: weight, position: position)
    }

    private static func placement(experts: Int, ranks: Int, using random: inout SeededRandom) throws -> Placement {
        var held = [[Int]](repeating: [], count: ranks)
        for (index, expert) in (0..<experts).shuffled(using: &random).enumerated() {
            held[index < ranks ? index : .random(in: 0..<ranks, using: &random)].append(expert)
        }
        for rank in 0..<ranks {
            let replica = Int.random(in: 0..<experts, using: &random)
            if random.happens(0.3), !held[rank].contains(replica) { held[rank].append(replica) }
            held[rank].shuffle(using: &random)
        }
        return try Placement(experts: experts, expertsOfRank: held)
    }
}
