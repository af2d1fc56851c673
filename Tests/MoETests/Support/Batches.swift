import MoE
import Tensors

extension Matrix {
    /// A matrix from its rows.
    init(_ rows: [[Double]]) {
        self.init(rows: rows.count, columns: rows.first?.count ?? 0, values: rows.flatMap { $0.map { Float($0) } })
    }

    /// Numbers that are uniform on [-3, 3).
    init(randomRows rows: Int, columns: Int, seed: UInt64, stream: Int = 0) {
        var values = [Float](repeating: 0, count: rows * columns)
        CounterRandom(seed: seed, purpose: .test, stream).fill(&values, bound: 3)
        self.init(rows: rows, columns: columns, values: values)
    }
}

extension RouterBatch {
    /// A batch of given projections.
    init(_ projections: Matrix..., seed: UInt64 = 1) {
        self.init(
            tokens: projections[0].rows,
            experts: projections[0].columns,
            projections: projections,
            random: CounterRandom(seed: seed, purpose: .routerNoise)
        )
    }

    /// A batch to be replayed.
    init(replaying recorded: RecordedChoices?, tokens: Int, experts: Int) {
        self.init(
            tokens: tokens,
            experts: experts,
            projections: [],
            recorded: recorded,
            random: CounterRandom(seed: 1, purpose: .routerNoise)
        )
    }
}

extension Router {
    /// Routes without anything remembered.
    func route(_ batch: RouterBatch) throws(RoutingError) -> Routing {
        var state = RouterState()
        return try route(batch, state: &state)
    }
}

extension DispatchPlan {
    /// The experts of each token, in order of choice.
    var chosen: [[Int]] {
        (0..<tokens).map { copies(ofToken: $0).map { Int(expert[$0]) } }
    }

    /// The places of each token's copies.
    var places: [[Int]] {
        (0..<tokens).map { copies(ofToken: $0).map { Int(position[$0]) } }
    }

    /// The weights of each token's copies.
    var weights: [[Float]] {
        (0..<tokens).map { Array(weight[copies(ofToken: $0)]) }
    }
}

extension TopKRouter {
    /// Softmax over all experts, then the k largest.
    static func softmax(
        topK: Int,
        normalize: Bool,
        scale: Double = 1,
        capacity: CapacityRule? = nil
    ) -> TopKRouter {
        let normalization = normalize ? WeightNormalization() : nil
        return TopKRouter(
            rule: TopKRule(topK: topK, normalization: normalization, scale: scale, capacity: capacity)
        )
    }
}
