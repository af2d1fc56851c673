internal import Experts
internal import MoE
internal import Tensors

/// Recomputes layers by plain loops over experts in this process, and counts the tokens that came out wrong.
///
/// Each layer is checked from its live input: logits against x Wg^T, the routing against the router given the same
/// logits, the combined output against the reference experts. So a rounding difference in one layer cannot flip a
/// choice in the next and pass for an error. Expert weights are made anew for each layer and step; memory stays at one
/// expert.
struct Verifier {
    /// Largest error of an output, relative to the sum of |weight| * max |output| over the copies of the token.
    private let tolerance: Float

    /// Visits between two pumps: with the largest experts of the catalogue, a few seconds.
    private static let visitsPerPump = 16

    private let model: ModelShape
    private let dtype: DType
    private let weights: SeededWeights
    private let gateDeviation: Float
    private let router: any Router

    /// Token checks so far, one per (step, token).
    private(set) var checkedTokens = 0
    /// Tokens of these that were wrong in some layer.
    private(set) var wrongTokens = 0

    init(setup: SessionSetup) {
        model = setup.model
        dtype = setup.computeType
        weights = SeededWeights(seed: setup.seed)
        gateDeviation = setup.gateDeviation
        router = setup.router
        // Single precision differs by the order of sums; bfloat16 by one rounding of 2^-9 in the inner activation or on
        // the wire.
        tolerance = setup.computeType == .f32 && setup.payload == .f32 ? 1e-5 : 1e-2
    }

    /// Checks all layers of one step.
    ///
    /// - Parameter pump: called often, so that heartbeats go on.
    mutating func check(_ traces: [LayerTrace], pump: () throws(RuntimeError) -> Void) throws(RuntimeError) {
        guard let tokens = traces.first?.tokens.rows else { return }
        var wrong = [Bool](repeating: false, count: tokens)
        for trace in traces {
            try markWrongRouting(trace, &wrong)
            try markWrongOutputs(trace, &wrong, pump)
        }
        checkedTokens += tokens
        wrongTokens += wrong.count { $0 }
    }

    private func markWrongRouting(_ trace: LayerTrace, _ wrong: inout [Bool]) throws(RuntimeError) {
        for (projection, live) in zip(router.projections, trace.batch.projections)
        where trace.logitsAreModels || projection != .gate {
            let matrix = weights.projection(
                projection,
                layer: trace.layer,
                experts: model.experts,
                hidden: model.hidden,
                standardDeviation: gateDeviation
            )
            for token in 0..<live.rows {
                let expected = ReferenceProduct.product(matrix.values, Array(trace.tokens.row(token)))
                if !agrees(Array(live.row(token)), expected, scale: expected.map(abs).max() ?? 0) {
                    wrong[token] = true
                }
            }
        }
        var state = RouterState()
        guard let again = try? router.route(trace.batch, state: &state), again.plan == trace.routing.plan else {
            throw .local("layer \(trace.layer) of step \(trace.step): routing the same logits again gives another plan")
        }
    }

    private func markWrongOutputs(
        _ trace: LayerTrace,
        _ wrong: inout [Bool],
        _ pump: () throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        let plan = trace.routing.plan
        var expected = Matrix(rows: plan.tokens, columns: model.hidden)
        var scale = [Float](repeating: 0, count: plan.tokens)
        for (expert, visits) in visits(plan).enumerated() where !visits.isEmpty {
            let parameters = weights.parameters(of: .routed(expert), layer: trace.layer, shape: model.expert)
            try add(ReferenceExpert(parameters, dtype: dtype), visits, trace, &expected, &scale, pump)
        }
        if let shape = model.sharedExpert {
            let parameters = weights.parameters(of: .shared, layer: trace.layer, shape: shape)
            let visits = (0..<plan.tokens).map { Visit(token: $0, weight: 1) }
            try add(ReferenceExpert(parameters, dtype: dtype), visits, trace, &expected, &scale, pump)
        }
        for token in 0..<plan.tokens
        where !agrees(Array(trace.combined.row(token)), Array(expected.row(token)), scale: scale[token]) {
            wrong[token] = true
        }
    }

    private struct Visit {
        let token: Int
        let weight: Float
    }

    private func visits(_ plan: DispatchPlan) -> [[Visit]] {
        var visits = [[Visit]](repeating: [], count: plan.experts)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                visits[Int(plan.expert[copy])].append(Visit(token: token, weight: plan.weight[copy]))
            }
        }
        return visits
    }

    private func add(
        _ expert: ReferenceExpert,
        _ visits: [Visit],
        _ trace: LayerTrace,
        _ expected: inout Matrix,
        _ scale: inout [Float],
        _ pump: () throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        for (index, visit) in visits.enumerated() {
            if index % Self.visitsPerPump == 0 { try pump() }
            let output = expert(Array(trace.tokens.row(visit.token)))
            for (column, value) in output.enumerated() { expected[visit.token, column] += visit.weight * value }
            scale[visit.token] += abs(visit.weight) * (output.map(abs).max() ?? 0)
        }
    }

    private func agrees(_ live: [Float], _ expected: [Float], scale: Float) -> Bool {
        // Written so that a NaN on either side disagrees.
        zip(live, expected).allSatisfy { abs($0 - $1) <= scale * tolerance }
    }
}
