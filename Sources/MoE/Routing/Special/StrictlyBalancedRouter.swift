/// The strictly balanced gating of Shazeer et al. 2017 (arXiv 1701.06538, appendix F).
///
/// X = softmax(logits) `[tokens, experts]`. In training every expert keeps its m = k T / E largest gates of the batch
/// (rounded down); the weights of a token are its kept gates, divided by their sum. In evaluation the mask is
/// X_i > T_i, with thresholds that training learns by the loss sum over tokens j and experts i of
/// (Mthr_ji - Mbatch_ji)(X_ji - T_i). A token can have fewer or more than k experts, also none.
public struct StrictlyBalancedRouter: Router {
    /// Choices per token on average, k.
    public var topK: Int
    /// Step of the gradient descent on the thresholds, per batch.
    public var thresholdRate: Double
    /// True to choose by each expert's largest gates of the batch, as in training; false to choose by the thresholds.
    public var isTraining: Bool

    /// Create a strictly balanced router, by default for training.
    public init(topK: Int, thresholdRate: Double = 1e-4, isTraining: Bool = true) {
        self.topK = topK
        self.thresholdRate = thresholdRate
        self.isTraining = isTraining
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// True in training, which moves the thresholds.
    public var learns: Bool { isTraining }

    /// True in evaluation, which decides by the thresholds.
    public var decidesPerToken: Bool { !isTraining }

    /// The number of experts, because every expert chooses for itself.
    public func mostCopies(experts: Int) -> Int { experts }

    /// Route one batch, and in training move ``RouterState/thresholds``, which start at 0.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when top-k does not fit the experts, when there is not
    ///   one threshold per expert, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: topK)
        let logits = try batch.logits(batch.checkedMatrices(for: self, least: 1)[0], bias: state.gateBias)
        let gates = TokenScores(logits: logits, experts: batch.experts, score: .softmax)
        if state.thresholds.isEmpty { state.thresholds = [Float](repeating: 0, count: batch.experts) }
        try batch.check(state.thresholds, "the threshold", experts: batch.experts)
        let byBatch = batchMask(gates)
        let byThreshold = gates.scores.indices.map {
            gates.scores[$0] > Double(state.thresholds[$0 % batch.experts]) && logits[$0] != -.infinity
        }
        let loss = loss(gates, byThreshold, byBatch, state.thresholds)
        let builder = build(gates, mask: isTraining ? byBatch : byThreshold)
        if isTraining { learn(&state, byThreshold, byBatch) }
        return Routing(plan: builder.plan, importance: builder.importance, losses: [loss])
    }

    /// The mask of the m largest gates of every expert, `[tokens * experts]`; of equal gates that of the earliest token
    /// counts.
    private func batchMask(_ gates: TokenScores) -> [Bool] {
        var mask = [Bool](repeating: false, count: gates.scores.count)
        var selector = TopKSelector(count: topK * gates.tokens / gates.experts)
        for expert in 0..<gates.experts where topK * gates.tokens >= gates.experts {
            selector.select(from: (0..<gates.tokens).map { gates.scores[$0 * gates.experts + expert] })
            for token in selector.indices {
                let place = Int(token) * gates.experts + expert
                mask[place] = gates.logits[place] != -.infinity
            }
        }
        return mask
    }

    private func build(_ gates: TokenScores, mask: [Bool]) -> PlanBuilder {
        var builder = PlanBuilder(experts: gates.experts)
        for token in 0..<gates.tokens {
            let row = gates.row(token)
            let kept = row.filter { mask[$0] }
            let sum = kept.reduce(0) { $0 + gates.scores[$1] }
            builder.addToken(kept.map { ($0 - row.lowerBound, sum > 0 ? gates.scores[$0] / sum : 0) })
        }
        return builder
    }

    private func loss(_ gates: TokenScores, _ byThreshold: [Bool], _ byBatch: [Bool], _ thresholds: [Float])
        -> BalanceLoss
    {
        var value = 0.0
        for index in byBatch.indices where byThreshold[index] != byBatch[index] {
            let distance = gates.scores[index] - Double(thresholds[index % gates.experts])
            value += byThreshold[index] ? distance : -distance
        }
        return BalanceLoss(name: "batchwise", value: value, coefficient: 1, valueAtBalance: 0)
    }

    /// Move the thresholds down the gradient dL/dT_i = (gates in the batch's mask) - (gates over the threshold).
    private func learn(_ state: inout RouterState, _ byThreshold: [Bool], _ byBatch: [Bool]) {
        for index in byBatch.indices where byThreshold[index] != byBatch[index] {
            let expert = index % state.thresholds.count
            state.thresholds[expert] += Float(byThreshold[index] ? thresholdRate : -thresholdRate)
        }
    }
}
