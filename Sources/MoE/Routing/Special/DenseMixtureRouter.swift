import Tensors

/// The adaptive mixture of local experts of Jacobs, Jordan, Nowlan and Hinton 1991 (Neural Computation 3, 79-87).
///
/// p = softmax(W x + b) over all experts, every expert is evaluated, y = sum of p_i o_i. Nothing is dropped. Its three
/// error functions need the experts' outputs and the targets: ``MixtureLosses``.
public struct DenseMixtureRouter: Router {
    /// Create a dense mixture router, which has no options.
    public init() {}

    /// The projection that this router reads: the gate alone, whose bias b is ``RouterState/gateBias``.
    public var projections: [RouterProjection] { [.gate] }

    /// True, as no token's routing depends on other tokens.
    public var decidesPerToken: Bool { true }

    /// The number of experts: every token visits all.
    public func mostCopies(experts: Int) -> Int { experts }

    /// Route every token to every expert, in descending order of probability.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        let matrix = try batch.checkedMatrices(for: self, least: 1)[0]
        if batch.masks(matrix) { return try routeAroundMasks(batch, matrix, state) }
        return try TopKRouter(rule: TopKRule(topK: batch.experts, losses: [])).route(batch, state: &state)
    }

    /// Route every token to the experts that are not masked for it.
    private func routeAroundMasks(
        _ batch: RouterBatch,
        _ matrix: Matrix,
        _ state: RouterState
    ) throws(RoutingError) -> Routing {
        let logits = try batch.logits(matrix, bias: state.gateBias)
        let scores = TokenScores(logits: logits, experts: batch.experts, score: .softmax)
        var builder = PlanBuilder(experts: batch.experts)
        for token in 0..<batch.tokens {
            let row = scores.row(token)
            builder.addToken(
                row.filter { logits[$0] != -.infinity }.map { ($0 - row.lowerBound, scores.scores[$0]) }
            )
        }
        return Routing(plan: builder.plan, importance: builder.importance)
    }
}
