internal import Experts
internal import MoE
internal import Tensors
internal import Workloads

/// The router of a model with its seeded projections, for all layers.
final class LayerGate {
    let router: any Router
    private let seed: UInt64
    private let experts: Int
    private let projections: [[Projection]]
    private var states: [RouterState]

    /// - Parameter standardDeviation: of the gate's logits for a normed token.
    init(
        router: any Router,
        model: ModelShape,
        seed: UInt64,
        standardDeviation: Float,
        compute: ComputeEngine
    ) throws(ComputeError) {
        self.router = router
        self.seed = seed
        experts = model.experts
        states = [RouterState](repeating: RouterState(), count: model.layers)
        let weights = SeededWeights(seed: seed)
        var projections: [[Projection]] = []
        for layer in 0..<model.layers {
            var ofLayer: [Projection] = []
            for projection in router.projections {
                let matrix = weights.projection(
                    projection,
                    layer: layer,
                    experts: model.experts,
                    hidden: model.hidden,
                    standardDeviation: standardDeviation
                )
                ofLayer.append(try Projection(compute: compute, matrix: matrix))
            }
            projections.append(ofLayer)
        }
        self.projections = projections
    }

    /// What the router reads for normed tokens `[tokens, hidden]`.
    func batch(step: Int, layer: Int, tokens: Matrix, source: GateSource) throws(ComputeError) -> RouterBatch {
        var results: [Matrix] = []
        for (index, projection) in router.projections.enumerated() {
            if projection == .gate, case .logits(let logits) = source {
                results.append(logits[layer])
            } else {
                results.append(try projections[layer][index](tokens))
            }
        }
        var recorded: RecordedChoices?
        if case .recorded(let choices) = source { recorded = choices[layer] }
        return RouterBatch(
            tokens: tokens.rows,
            experts: experts,
            projections: results,
            recorded: recorded,
            random: CounterRandom(seed: seed, purpose: .routerNoise, step, layer)
        )
    }

    /// Routes, and keeps what the router remembers.
    func route(_ batch: RouterBatch, layer: Int) throws(RoutingError) -> Routing {
        try router.route(batch, state: &states[layer])
    }
}
