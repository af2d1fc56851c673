import Cluster
import MoE
import Placement
import Tensors
import TestSupport

/// What a simulated run computes: random routing, random places of the experts in each layer, some in several, and experts
/// that are a line each. It also says what must come out, straight from the routing.
struct SimulatedModel {
    static let layers = 2
    static let hidden = 3
    static let dtype = DType.f32

    let ranks: Int
    let microBatches: Int
    /// Whether the coordinator computes the shared expert itself.
    let hasOwnExperts: Bool
    let form: RowForm
    private(set) var layers: [LayerPlacement]
    /// Tokens of each micro-batch.
    let tokens: [Int]
    private let experts: Int
    private let hasSharedExpert: Bool
    private let seed: UInt64

    init(ranks: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed &+ 2_000_000)
        self.ranks = ranks
        self.seed = seed
        experts = ranks + .random(in: 0...4, using: &random)
        microBatches = .random(in: 1...2, using: &random)
        tokens = (0..<microBatches).map { _ in .random(in: 1...14, using: &random) }
        hasSharedExpert = random.happens(0.5)
        hasOwnExperts = hasSharedExpert && random.happens(0.5)
        form = RowForm(dispatch: .f32, combine: .f32, carriesWeights: random.happens(0.5))
        var layers: [LayerPlacement] = []
        for _ in 0..<Self.layers {
            let held = Self.places(of: experts, ranks: ranks, &random)
            guard let layer = try? LayerPlacement(experts: experts, expertsOfRank: held) else {
                preconditionFailure("seed \(seed): every rank has an expert, and every expert a rank")
            }
            layers.append(layer)
        }
        self.layers = layers
    }

    private static func places(of experts: Int, ranks: Int, _ random: inout SeededRandom) -> [[Int]] {
        var held = [[Int]](repeating: [], count: ranks)
        for (index, expert) in (0..<experts).shuffled(using: &random).enumerated() {
            held[index < ranks ? index : .random(in: 0..<ranks, using: &random)].append(expert)
        }
        for rank in 0..<ranks {
            let replica = Int.random(in: 0..<experts, using: &random)
            if random.happens(0.4), !held[rank].contains(replica) { held[rank].append(replica) }
        }
        return held
    }

    /// Another placement of a layer, with as many slots on each rank.
    func otherPlacement(ofLayer layer: Int, _ random: inout some RandomNumberGenerator) -> LayerPlacement {
        let names = Array(0..<experts).shuffled(using: &random)
        let held = (0..<ranks).map { rank in layers[layer].experts(onRank: rank).map { names[$0] } }
        guard let other = try? LayerPlacement(experts: experts, expertsOfRank: held) else {
            preconditionFailure("seed \(seed): other names of experts are a placement, too")
        }
        return other
    }

    /// Place a layer anew.
    mutating func place(_ placement: LayerPlacement, layer: Int) { layers[layer] = placement }

    /// What a rank is told to hold.
    func assignment(rank: Int, creditBytes: Int) -> Assignment {
        let shape = ExpertShape(hidden: Self.hidden, ffn: 4, activation: .swiglu)
        return Assignment(
            rank: rank,
            weights: Assignment.Weights(
                source: .seed(seed),
                model: ModelShape(
                    layers: Self.layers,
                    experts: experts,
                    expert: shape,
                    sharedExpert: hasSharedExpert ? shape : nil
                ),
                dtype: .f32,
                products: ProductPlan(tokens: 1, copies: 1, experts: experts),
                experts: layers.map { $0.experts(onRank: rank) },
                holdsCommonExperts: !hasOwnExperts,
                threads: 1
            ),
            form: form,
            creditBytes: creditBytes,
            silenceLimit: 2_000_000_000,
            delay: nil
        )
    }

    /// The exchanges of a step in the order of their routing. Every second step goes down through its layers.
    func exchanges(ofStep step: Int) -> [ExchangeID] {
        (0..<Self.layers).flatMap { place in
            (0..<microBatches).map { batch in
                ExchangeID(step: step, layer: step % 2 == 0 ? place : Self.layers - 1 - place, batch: batch)
            }
        }
    }

    /// The tokens of a micro-batch before the first step.
    func input(batch: Int) -> Matrix {
        var random = SeededRandom(seed: seed &+ UInt64(batch) &+ 3_000_000)
        var matrix = Matrix(rows: tokens[batch], columns: Self.hidden)
        for index in matrix.values.indices { matrix.values[index] = .random(in: -1...1, using: &random) }
        return matrix
    }

    /// The routing of an exchange: some copies dropped, some tokens without any.
    ///
    /// - Parameter withoutCommon: whether the shared expert is left out of what ranks compute.
    func task(of id: ExchangeID, withoutCommon: Bool = false) -> ChunkTask {
        var random = SeededRandom(seed: seed &* 64 &+ UInt64(id.step * 8 + id.layer * 2 + id.batch) &+ 4_000_000)
        let keep = Double.random(in: 0.3...1, using: &random)
        var (offsets, expert, weight, position) = ([0], [Int32](), [Float](), [Int32]())
        for _ in 0..<tokens[Int(id.batch)] {
            let count = Int.random(in: 0...min(3, experts), using: &random)
            for choice in (0..<experts).shuffled(using: &random).prefix(count) {
                expert.append(Int32(choice))
                weight.append(.random(in: 0..<1, using: &random))
                position.append(random.happens(keep) ? 0 : DispatchPlan.dropped)
            }
            offsets.append(expert.count)
        }
        let weights = tokens[Int(id.batch)]
        let common = CommonVisits(weights: (0..<weights).map { _ in .random(in: 0..<1, using: &random) })
        let plan = DispatchPlan(
            experts: experts,
            copyOffsets: offsets,
            expert: expert,
            weight: weight,
            position: position,
            weightTarget: random.happens(0.3) ? .input : .output
        )
        let firstToken = tokens[..<Int(id.batch)].reduce(0, +)
        return ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: layers[Int(id.layer)], context: ReplicaContext(firstToken: firstToken)),
            common: hasSharedExpert && !withoutCommon ? [common] : [],
            sources: SourceRanks(tokens: tokens.reduce(0, +), ranks: ranks),
            firstToken: firstToken
        )
    }

    /// The number of the shared expert, behind the routed ones.
    var sharedExpert: Int { experts }

    /// What an expert makes of a row: a line of its own in each layer.
    static func output(expert: Int, layer: Int, _ row: some Collection<Float>) -> [Float] {
        let slope = 0.25 + Float(expert) / 16 - Float(layer) / 8
        return row.enumerated().map { slope * $1 + Float($0 + expert) / 32 }
    }

    /// What the micro-batches must be after so many steps: for each token the copies in the order of choice, then the
    /// shared expert.
    func expected(steps: Int) -> [Matrix] {
        var streams = (0..<microBatches).map { input(batch: $0) }
        for id in (0..<steps).flatMap({ exchanges(ofStep: $0) }) {
            let task = task(of: id)
            let layer = Int(id.layer)
            for token in 0..<task.plan.tokens {
                let row = Array(streams[Int(id.batch)].row(token))
                var sum = [Float](repeating: 0, count: Self.hidden)
                func add(_ weight: Float, _ output: [Float]) {
                    for column in sum.indices { sum[column] += weight * output[column] }
                }
                for copy in task.plan.copies(ofToken: token) where task.plan.isKept(copy) {
                    let input = row.map { task.plan.inputWeight(copy) * $0 }
                    let output = Self.output(expert: Int(task.plan.expert[copy]), layer: layer, input)
                    add(task.plan.outputWeight(copy), output)
                }
                for visits in task.common {
                    add(visits.weight(ofToken: token), Self.output(expert: sharedExpert, layer: layer, row))
                }
                streams[Int(id.batch)].add(sum, toRow: token)
            }
        }
        return streams
    }
}
