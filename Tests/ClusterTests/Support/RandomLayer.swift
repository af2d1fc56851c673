import Cluster
import MoE
import Placement
import SimulatedNetwork
import TestSupport

/// A random plan and placement: some experts replicated, some without tokens, some copies dropped; none, one or two
/// common experts; tokens that are the whole step or a part of it.
struct RandomLayer {
    let task: ChunkTask
    let placement: LayerPlacement
    let form: RowForm
    let seed: UInt64

    var plan: DispatchPlan { task.plan }

    /// - Parameter presums: nil leaves it to chance.
    init(seed: UInt64, presums: Bool? = false) throws {
        var random = SeededRandom(seed: seed)
        let experts = Int.random(in: 1...12, using: &random)
        let ranks = Int.random(in: 1...min(experts, 5), using: &random)
        let plan = Self.plan(experts: experts, using: &random)
        let firstToken = random.happens(0.5) ? 0 : Int.random(in: 1...30, using: &random)
        let further = random.happens(0.5) ? 0 : Int.random(in: 1...30, using: &random)
        self.seed = seed
        placement = try Self.placement(experts: experts, ranks: ranks, using: &random)
        task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement, context: ReplicaContext(firstToken: firstToken)),
            common: Self.visits(tokens: plan.tokens, using: &random),
            sources: SourceRanks(tokens: firstToken + plan.tokens + further, ranks: ranks),
            firstToken: firstToken
        )
        var form = random.form()
        if let presums { (form.presums, form.carriesWeights) = (presums, form.carriesWeights || presums) }
        self.form = form
    }

    /// All chunks, of at most so many tokens and bytes.
    func chunks(of tokens: Int = .max, byteLimit: Int = .max) -> [DispatchChunk] {
        var builder = ChunkBuilder(hidden: 8, form: form, byteLimit: byteLimit)
        var chunks: [DispatchChunk] = []
        var start = 0
        while start < plan.tokens {
            let chunk = builder.chunk(of: task, tokens: start..<start + min(tokens, plan.tokens - start))
            chunks.append(chunk)
            guard chunk.tokens.upperBound > start else { break }
            start = chunk.tokens.upperBound
        }
        return chunks
    }

    /// What each token's sum is made of, straight from the plan.
    func summands(ofToken token: Int) -> [Summand] {
        let routed = plan.copies(ofToken: token).filter { plan.isKept($0) }.map { copy in
            // The rule once more: of the slots of the expert, the one that the token's index in the step names.
            let held = placement.slots.filter { $0.expert == Int(plan.expert[copy]) }
            let slot = held[(task.firstToken + token) % held.count]
            return Summand(
                rank: slot.rank,
                slot: slot.localIndex,
                inputRow: token,
                inputWeight: plan.inputWeight(copy),
                weight: plan.outputWeight(copy)
            )
        }
        let home = task.sources.rank(ofToken: task.firstToken + token)
        let slots = placement.slots(onRank: home).count
        return routed
            + task.common.enumerated().map { index, visits in
                let row = visits.firstRow + token
                let weight = visits.weights?[token] ?? 1
                return Summand(rank: home, slot: slots + index, inputRow: row, inputWeight: 1, weight: weight)
            }
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
        return DispatchPlan(
            experts: experts,
            copyOffsets: offsets,
            expert: expert,
            weight: weight,
            position: position,
            weightTarget: Bool.random(using: &random) ? .input : .output
        )
    }

    /// A shared expert with weights or without, and a dense network that reads rows of its own or the tokens.
    private static func visits(tokens: Int, using random: inout SeededRandom) -> [CommonVisits] {
        var visits: [CommonVisits] = []
        if Bool.random(using: &random) {
            let weights = (0..<tokens).map { _ in Float.random(in: 0..<1, using: &random) }
            visits.append(CommonVisits(weights: Bool.random(using: &random) ? weights : nil))
        }
        if Bool.random(using: &random) {
            visits.append(CommonVisits(firstRow: Bool.random(using: &random) ? tokens : 0))
        }
        return visits
    }

    private static func placement(experts: Int, ranks: Int, using random: inout SeededRandom) throws -> LayerPlacement {
        var held = [[Int]](repeating: [], count: ranks)
        for (index, expert) in (0..<experts).shuffled(using: &random).enumerated() {
            held[index < ranks ? index : .random(in: 0..<ranks, using: &random)].append(expert)
        }
        for rank in 0..<ranks {
            for replica in 0..<experts where random.happens(0.2) && !held[rank].contains(replica) {
                held[rank].append(replica)
            }
            held[rank].shuffle(using: &random)
        }
        return try LayerPlacement(experts: experts, expertsOfRank: held)
    }
}
