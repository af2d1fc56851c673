internal import Experts
internal import MoE
internal import Tensors
internal import Workloads

/// The router of a model with its projections, for all layers, and what it remembers of each.
final class LayerGate {
    let router: any Router
    private let seed: UInt64
    private let experts: Int
    private let projections: [[Projection]]
    private var states: [RouterState]

    /// - Parameters:
    ///   - source: where gates and biases come from.
    ///   - seed: what noise follows from.
    init(router: any Router, source: any ExpertSource, seed: UInt64, compute: ComputeEngine) throws {
        self.router = router
        self.seed = seed
        experts = source.shape.experts
        let layers = 0..<source.shape.layers
        states = try layers.map { RouterState(selectionBias: try source.selectionBias(layer: $0) ?? []) }
        projections = try layers.map { layer in
            try router.projections.map { projection in
                let outputs = router.columns(of: projection, experts: source.shape.experts)
                return try Projection(
                    compute: compute,
                    matrix: source.projection(projection, outputs: outputs, layer: layer),
                    bias: projection == .gate ? source.routerBias(layer: layer) : nil
                )
            }
        }
    }

    /// What the router remembers of a layer.
    func state(layer: Int) -> RouterState { states[layer] }

    /// What the router reads for the tokens of one layer, `[tokens, hidden]`.
    func batch(step: Int, layer: Int, tokens: Matrix, of workload: WorkloadBatch) throws(ComputeError) -> RouterBatch {
        let random = CounterRandom(seed: seed, purpose: .routerNoise, step, layer)
        let seen = router.seen(tokens, step: step, layer: layer, seed: seed)
        var results: [Matrix] = []
        for (index, projection) in router.projections.enumerated() {
            if projection == .gate, case .logits(let logits) = workload.gate {
                results.append(logits[layer])
            } else {
                results.append(try projections[layer][index](seen))
            }
        }
        var recorded: RecordedChoices?
        if case .recorded(let choices) = workload.gate { recorded = choices[layer] }
        return RouterBatch(
            tokens: tokens.rows,
            experts: experts,
            projections: results,
            recorded: recorded,
            tokenIDs: workload.tokenIDs,
            sequenceLengths: workload.sequenceLengths,
            random: random
        )
    }

    /// Routes, and keeps what the router remembers.
    func route(_ batch: RouterBatch, layer: Int) throws(RoutingError) -> Routing {
        try router.route(batch, state: &states[layer])
    }

    /// Lets the router learn from a step that is over.
    func finishStep(_ plans: [DispatchPlan]) {
        for (layer, plan) in plans.enumerated() {
            router.finishStep(loads: ExpertLoads(plan).asked, state: &states[layer])
        }
    }
}

extension Router {
    /// What the projections are given: the tokens, with the router's noise on them where it has any.
    func seen(_ tokens: Matrix, step: Int, layer: Int, seed: UInt64) -> Matrix {
        guard let inputJitter else { return tokens }
        return inputJitter.applied(to: tokens, random: CounterRandom(seed: seed, purpose: .routerJitter, step, layer))
    }
}
