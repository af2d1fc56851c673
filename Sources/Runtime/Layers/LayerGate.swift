internal import Cluster
internal import Experts
internal import Foundation
internal import MoE
internal import Tensors
internal import Workloads

/// The router of a model, with its projection matrices and its state in each layer.
final class LayerGate {
    let router: any Router
    private let seed: UInt64
    private let experts: Int
    /// The projection matrices of the router, `[layer][projection]`; nil where the workload gives the logits.
    private let projections: [[Projection?]]
    private var states: [RouterState]

    /// The router of a run or a prediction, with the projections, biases and initial state of each layer from `source`.
    ///
    /// - Parameters:
    ///   - source: the source of gates and biases.
    ///   - seed: the seed of the router's noise.
    ///   - logitsAreGiven: true when the workload gives the logits, so that no gate is needed.
    init(
        router: any Router,
        source: any ExpertSource,
        seed: UInt64,
        compute: ComputeEngine,
        logitsAreGiven: Bool = false
    ) throws {
        self.router = router
        self.seed = seed
        experts = source.shape.candidates
        let layers = 0..<source.shape.layers
        states = try layers.map { RouterState(selectionBias: try source.selectionBias(layer: $0) ?? []) }
        projections = try layers.map { layer in
            try router.projections.map { projection in
                if projection == .gate, logitsAreGiven { return nil }
                let outputs = router.columns(of: projection, experts: source.shape.candidates)
                return try Projection(
                    compute: compute,
                    matrix: source.projection(projection, outputs: outputs, layer: layer),
                    bias: projection == .gate ? source.routerBias(layer: layer) : nil
                )
            }
        }
    }

    /// Route the tokens of one layer, and update the router's state.
    ///
    /// - Parameters:
    ///   - tokens: the hidden states that the router reads, `[tokens, hidden]`; nil when neither gate nor noise reads
    ///     them.
    ///   - input: the other inputs of the router.
    func route(step: Int, layer: Int, tokens: Matrix?, _ input: RouterInput) throws -> RoutedBatch {
        let state = states[layer]
        let batch = try batch(step: step, layer: layer, tokens: tokens, input)
        let routing = try router.route(batch, state: &states[layer])
        return RoutedBatch(state: state, batch: batch, routing: routing)
    }

    private func batch(
        step: Int,
        layer: Int,
        tokens: Matrix?,
        _ input: RouterInput
    ) throws(ComputeError) -> RouterBatch {
        let seen = tokens.map { router.seen($0, step: step, layer: layer, seed: seed) }
        var results: [Matrix] = []
        for (index, projection) in router.projections.enumerated() {
            if projection == .gate, case .logits(let logits) = input.gate {
                results.append(logits)
            } else if let matrix = projections[layer][index], let seen {
                results.append(try matrix(seen))
            }
        }
        var recorded: RecordedChoices?
        if case .recorded(let choices) = input.gate { recorded = choices }
        return RouterBatch(
            tokens: input.outline.tokens,
            experts: experts,
            projections: results,
            recorded: recorded,
            tokenIDs: input.outline.tokenIDs,
            sequenceLengths: input.outline.sequenceLengths,
            hidden: router.readsHidden ? seen : nil,
            step: step,
            layer: layer,
            random: CounterRandom(seed: seed, purpose: .routerNoise, step, layer)
        )
    }

    /// The routing of a whole step, joined from those of its micro-batches, in order.
    ///
    /// The step is routed again as a whole, for the figures that only a whole batch has. A router that decides token by
    /// token gives the same plan.
    ///
    /// - Parameter sequenceLengths: the sequence lengths of the whole step.
    func join(_ parts: [RoutedBatch], sequenceLengths: [Int]?) throws(RoutingError) -> RoutedBatch {
        guard parts.count > 1 else { return parts[0] }
        var batch = RouterBatch.joined(parts.map(\.batch))
        batch.sequenceLengths = sequenceLengths
        var state = parts[0].state
        let routing = try router.route(batch, state: &state)
        let inParts = parts.dropFirst().reduce(parts[0].routing.plan) { $0.joined(with: $1.routing.plan) }
        guard routing.plan == inParts else {
            throw RoutingError("two micro-batches were routed otherwise than their whole")
        }
        return RoutedBatch(state: parts[0].state, batch: batch, routing: routing)
    }

    /// Let a router that learns update the state of each layer from the expert loads of a finished step.
    func finishStep(_ plans: [DispatchPlan]) {
        for (layer, plan) in plans.enumerated() where router.learns {
            router.finishStep(loads: ExpertLoads(plan).asked, state: &states[layer])
        }
    }
}

extension Router {
    /// The input of the projections: the tokens, with the router's input noise applied if the router has any.
    func seen(_ tokens: Matrix, step: Int, layer: Int, seed: UInt64) -> Matrix {
        guard let inputJitter else { return tokens }
        return inputJitter.applied(to: tokens, random: CounterRandom(seed: seed, purpose: .routerJitter, step, layer))
    }
}

/// The input of a layer's router beside the hidden states of the tokens.
struct RouterInput {
    /// The number, ids and sequences of the tokens.
    let outline: StepOutline
    /// The source of the choices: the model's gate, given logits or recorded choices.
    let gate: LayerGateInput
}

/// A router's decision on the tokens of one layer, with the state and the input that led to it.
struct RoutedBatch: Sendable {
    /// The router's state before the decision.
    let state: RouterState
    /// The router's input.
    let batch: RouterBatch
    /// The router's decision.
    let routing: Routing
}

/// The visits of tokens to the common experts. In models with a gate of the shared expert, sigmoid(x g) weights its
/// output (Qwen2-MoE, transformers modeling_qwen2_moe.py).
final class SharedGate {
    private let experts: [CommonExpert]
    private let gates: [Projection?]

    init(_ source: any ExpertSource, compute: ComputeEngine) throws {
        experts = source.shape.commonExperts
        gates = try (0..<source.shape.layers).map { layer in
            try source.sharedGate(layer: layer).map { gate in
                try Projection(compute: compute, matrix: Matrix(rows: 1, columns: gate.count, values: gate))
            }
        }
    }

    /// The visits of one layer, in the order of `ModelShape.commonExperts`.
    ///
    /// - Parameters:
    ///   - tokens: the hidden states that router and routed experts read, `[tokens, hidden]`.
    ///   - firstDenseRow: the row of the layer's input that the dense network reads for token 0.
    func visits(tokens: Matrix, firstDenseRow: Int, layer: Int) throws(ComputeError) -> [CommonVisits] {
        var visits: [CommonVisits] = []
        for expert in experts {
            switch expert.identity {
            case .dense: visits.append(CommonVisits(firstRow: firstDenseRow))
            default: visits.append(CommonVisits(weights: try gates[layer]?(tokens).values.map(Self.sigmoid)))
            }
        }
        return visits
    }

    /// 1 / (1 + exp(-x)), in double precision.
    static func sigmoid(_ logit: Float) -> Float {
        Float(1 / (1 + exp(-Double(logit))))
    }
}
