import Foundation

/// Sinkhorn routing as in Megatron-Core, after S-BASE (Clark et al. 2022, arXiv 2202.01169).
///
/// c = exp(logits) `[tokens, experts]` is scaled by rows and columns, d0 = 1 / (T (c d1 + 1e-8)) and
/// d1 = 1 / (E (c^T d0 + 1e-8)), until the mean change of d1 is at most 1e-4; the k largest of d1 c d0 are chosen. The
/// weights are sigmoid(logit) for k = 1, else a softmax over all logits.
public struct SinkhornRouter: Router {
    /// Choices per token, k.
    public var topK: Int
    /// The rule of an expert's capacity, or nil to drop nothing.
    public var capacity: CapacityRule?

    private static let largestRounds = 100_000
    /// The upper limit of logits before exp; where one is above it, all logits are lowered by the same amount.
    private static let largestLogit = 300.0

    /// Create a Sinkhorn router, by default for one choice per token and without a capacity.
    public init(topK: Int = 1, capacity: CapacityRule? = nil) {
        self.topK = topK
        self.capacity = capacity
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// False, as the scores of an expert are scaled by those of all tokens of the batch.
    public var decidesPerToken: Bool { false }

    /// The choices per token, k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Route one batch: balance its scores over tokens and experts, then choose each token's k largest.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when top-k does not fit the experts, when the scaling
    ///   does not settle within 100000 rounds, or when the batch does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: topK)
        let logits = try batch.logits(batch.checkedMatrices(for: self, least: topK)[0], bias: state.gateBias)
        var balanced = try Self.balanced(logits, experts: batch.experts)
        // A masked expert has a score of 0, as an expert far behind has.
        for index in logits.indices where logits[index] == -.infinity { balanced[index] = -.infinity }
        let weights = TokenScores(logits: logits, experts: batch.experts, score: topK == 1 ? .sigmoid : .softmax).scores
        var selector = TopKSelector(count: topK)
        var expert: [Int32] = []
        var weight: [Double] = []
        for token in 0..<batch.tokens {
            let start = token * batch.experts
            selector.select(from: balanced, at: start..<start + batch.experts)
            expert += selector.indices
            weight += selector.indices.map { weights[start + Int($0)] }
        }
        var choices = ChoiceTable(experts: batch.experts, topK: topK, expert: expert, weight: weight)
        let contest = try QueueContest(capacity, batch: batch)
        contest.settle(&choices)
        return Routing(
            plan: choices.plan(),
            importance: choices.importance(scale: 1),
            paddedRows: contest.paddedRows(topK: topK, experts: batch.experts)
        )
    }

    /// The balanced scores d1 c d0, `[tokens * experts]`: rows sum to about 1 / T, columns to 1 / E.
    static func balanced(_ logits: [Double], experts: Int) throws(RoutingError) -> [Double] {
        let tokens = logits.count / experts
        let shift = max(0, (logits.max() ?? 0) - largestLogit)
        let cost = logits.map { exp($0 - shift) }
        var rows = [Double](repeating: 1, count: tokens)
        var columns = [Double](repeating: 1, count: experts)
        for _ in 0..<largestRounds where tokens > 0 {
            var sums = [Double](repeating: 0, count: experts)
            for token in 0..<tokens {
                let start = token * experts
                let sum = (0..<experts).reduce(0) { $0 + cost[start + $1] * columns[$1] }
                rows[token] = 1 / (Double(tokens) * (sum + 1e-8))
                for expert in 0..<experts { sums[expert] += rows[token] * cost[start + expert] }
            }
            let next = sums.map { 1 / (Double(experts) * ($0 + 1e-8)) }
            let change = zip(next, columns).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(experts)
            columns = next
            if change <= 1e-4 {
                return cost.indices.map { columns[$0 % experts] * cost[$0] * rows[$0 / experts] }
            }
        }
        if tokens == 0 { return [] }
        throw RoutingError("Sinkhorn's scaling did not settle within \(largestRounds) rounds")
    }
}
