import Foundation

/// BASE layers (Lewis et al. 2021, arXiv 2103.16716): balanced assignment in training, the best expert in evaluation.
///
/// score[t, e] = x_t c_e, with the rows of the gate as the experts' centres c. In training an auction gives exactly
/// T / E tokens to every expert (`BalancedAssignment`); in evaluation every token goes to its best expert. The weight
/// is sigmoid(score); the layer's output is w E(x) + (1 - w) x. No loss, and nothing is dropped.
public struct BaseRouter: Router {
    /// True to assign tokens evenly, as in training; false to give each token its best expert, as in evaluation.
    public var isTraining: Bool

    /// Create a BASE router, by default for training.
    public init(isTraining: Bool = true) {
        self.isTraining = isTraining
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// True in evaluation, where the best expert is taken.
    public var decidesPerToken: Bool { !isTraining }

    /// One: every token has a single copy.
    public func mostCopies(experts: Int) -> Int { 1 }

    /// Route one batch; in training, its tokens must divide into the experts.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when the experts do not divide the tokens of a training
    ///   batch, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: 1)
        guard isTraining else {
            let greedy = TopKRule(topK: 1, score: .sigmoid, losses: [])
            return try TopKRouter(rule: greedy).route(batch, state: &state)
        }
        let scores = try batch.logits(batch.checkedMatrices(for: self)[0], bias: state.gateBias)
        let assignment = try BalancedAssignment(scores: scores, experts: batch.experts)
        var builder = PlanBuilder(experts: batch.experts)
        for (token, expert) in assignment.expert.enumerated() {
            let score = scores[token * batch.experts + Int(expert)]
            builder.addToken([(Int(expert), 1 / (1 + exp(-score)))])
        }
        return Routing(plan: builder.plan, importance: builder.importance)
    }
}
