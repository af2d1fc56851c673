/// Expert choice (Zhou et al. 2022, arXiv 2202.09368): every expert takes its best tokens.
///
/// K = factor T / E tokens (rounded down, at least 1), so experts are loaded alike; a token can be taken by any number
/// of experts, also none. With a cap, it can be taken by so many at most, and an expert may be left with less than K.
/// The choice of a token depends on later ones, so the rule is not causal. No loss.
public struct ExpertChoiceRouter: Router {
    /// A variant of expert choice, by the scores with which experts choose tokens and the gate weights that follow.
    public enum Variant: Equatable, Sendable {
        /// Softmax scores over the experts of each token, which are the gate weights as well.
        case paper
        /// Softmax scores over the tokens, and gate weights that are the score divided by the number of experts that took
        /// the token (Mesh TensorFlow).
        case mesh
    }

    /// The scores by which the experts choose tokens.
    public var variant: Variant
    /// Average number of experts that take a token; the experts' capacity follows from it.
    public var factor: Double
    /// The most experts that may take a token, b (section 3.3 of the paper), or nil for any number.
    public var cap: Int?

    /// Create an expert-choice router; with the default factor, experts compute as many copies as with top-2.
    public init(variant: Variant = .paper, factor: Double = 2, cap: Int? = nil) {
        self.variant = variant
        self.factor = factor
        self.cap = cap
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// False, as the tokens of a batch compete.
    public var decidesPerToken: Bool { false }

    /// The cap, or without one the number of experts, because every expert chooses for itself.
    public func mostCopies(experts: Int) -> Int { cap ?? experts }

    /// Route one batch; equal scores go to the earliest token.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when the cap is below the factor or does not fit the
    ///   experts, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: mostCopies(experts: batch.experts))
        if let cap, factor > Double(cap) {
            throw RoutingError(
                "the capacity factor is \(factor); allowed is at most \(cap), the experts that a token may have"
            )
        }
        let logits = try batch.logits(batch.checkedMatrices(for: self, least: 1)[0], bias: state.gateBias)
        let rule = CapacityRule(size: .tokens(factor), minimum: 1, rounding: .down)
        let capacity = min(rule.capacity(tokens: batch.tokens, topK: 1, experts: batch.experts), batch.tokens)
        let scores = self.scores(logits, batch)
        var builder = PlanBuilder(experts: batch.experts)
        // An expert that is masked for many tokens has fewer than its capacity.
        let open = scores.indices.map { logits[$0] == -.infinity ? -.infinity : scores[$0] }
        for (token, experts) in takers(open, batch, capacity: capacity).enumerated() {
            let divisor = variant == .mesh ? Double(experts.count) : 1
            builder.addToken(experts.map { ($0, scores[token * batch.experts + $0] / divisor) })
        }
        return Routing(
            plan: builder.plan,
            importance: builder.importance,
            paddedRows: capacity * batch.experts
        )
    }

    /// The experts that take each token; every expert takes K tokens, or fewer under a cap.
    private func takers(_ scores: [Double], _ batch: RouterBatch, capacity: Int) -> [[Int]] {
        let experts = batch.experts
        if let cap {
            return CappedChoice.takers(scores: scores, experts: experts, perExpert: max(capacity, 1), cap: cap)
        }
        var takers = [[Int]](repeating: [], count: batch.tokens)
        var selector = TopKSelector(count: capacity)
        for expert in 0..<experts where capacity > 0 {
            selector.select(from: (0..<batch.tokens).map { scores[$0 * experts + expert] })
            for (token, score) in zip(selector.indices, selector.scores) where score != -.infinity {
                takers[Int(token)].append(expert)
            }
        }
        return takers
    }

    private func scores(_ logits: [Double], _ batch: RouterBatch) -> [Double] {
        let experts = batch.experts
        guard variant == .mesh else {
            return TokenScores(logits: logits, experts: experts, score: .softmax).scores
        }
        var scores = logits
        for expert in 0..<experts {
            var column = (0..<batch.tokens).map { logits[$0 * experts + expert] }
            // An expert that is masked for all tokens has no softmax.
            if column.allSatisfy({ $0 == -.infinity }) {
                column = column.map { _ in 0 }
            } else {
                TokenScores.setToSoftmax(&column, column.indices)
            }
            for (token, score) in column.enumerated() { scores[token * experts + expert] = score }
        }
        return scores
    }
}
