import Foundation

/// The router of Phi-3.5-MoE: SparseMixer (Liu et al. 2023, arXiv 2310.00811) as it is evaluated.
///
/// The best expert i of the logits l `[experts]` is weighed by a softmax over the experts with
/// (m - l_e) / max(|l_e|, m) <= 2 epsilon, where m = l_i. Then i is taken out, and the next choice is made in the same
/// way, with m the largest of the rest and the other terms as before. The weights do not sum to 1; both are near 1 when
/// the logits are far apart.
public struct SparseMixerRouter: Router {
    /// Choices per token, k.
    public var topK: Int
    /// Half the relative distance within which experts count as rivals (0.01 in Phi-3.5-MoE).
    public var epsilon: Double
    /// Coefficient of the balance loss.
    public var auxiliaryLoss: Double
    /// The rule of an expert's capacity, or nil to drop nothing.
    public var capacity: CapacityRule?

    /// Create a SparseMixer router; the defaults are those of Phi-3.5-MoE.
    public init(topK: Int = 2, epsilon: Double = 0.01, auxiliaryLoss: Double = 0.001, capacity: CapacityRule? = nil) {
        self.topK = topK
        self.epsilon = epsilon
        self.auxiliaryLoss = auxiliaryLoss
        self.capacity = capacity
    }

    /// The projection that this router reads: the gate alone.
    public var projections: [RouterProjection] { [.gate] }

    /// True when a token's routing does not depend on the rest of the batch: without a capacity.
    public var decidesPerToken: Bool { capacity == nil }

    /// The choices per token, k.
    public func mostCopies(experts: Int) -> Int { topK }

    /// Route one batch; equal logits go to the lowest expert.
    ///
    /// - Throws: ``RoutingError`` when a logit is not finite, when top-k does not fit the experts, or when the batch
    ///   does not hold the gate's logits.
    public func route(_ batch: RouterBatch, state: inout RouterState) throws(RoutingError) -> Routing {
        try batch.check(topK: topK)
        let logits = try batch.logits(batch.checkedMatrices(for: self, least: topK)[0], bias: state.gateBias)
        let scores = TokenScores(logits: logits, experts: batch.experts, score: .softmax)
        var expert: [Int32] = []
        var weight: [Double] = []
        for token in 0..<batch.tokens {
            for choice in choices(of: Array(logits[scores.row(token)])) {
                expert.append(choice.expert)
                weight.append(choice.weight)
            }
        }
        var table = ChoiceTable(experts: batch.experts, topK: topK, expert: expert, weight: weight)
        let contest = try QueueContest(capacity, batch: batch)
        let loss = LossTerm(.switchAuxiliary(.topK), auxiliaryLoss)
        let groups = [0..<batch.tokens]
        var sums = LossSums(
            [loss.rule],
            tokens: batch.tokens,
            experts: batch.experts,
            topK: topK,
            groups: groups,
            sequences: groups
        )
        sums.add(scores)
        let losses = [loss.loss(LossInput(sums: sums, choices: table))]
        contest.settle(&table)
        return Routing(
            plan: table.plan(),
            importance: table.importance(scale: 1),
            losses: losses,
            paddedRows: contest.paddedRows(topK: topK, experts: batch.experts)
        )
    }

    private func choices(of logits: [Double]) -> [(expert: Int32, weight: Double)] {
        var selector = TopKSelector(count: topK)
        selector.select(from: logits)
        var taken: Set<Int> = []
        return zip(selector.indices, selector.scores).map { expert, largest in
            // The chosen expert has the largest logit of the rest, so its term is exp(0).
            var sum = 0.0
            for (rival, logit) in logits.enumerated() where !taken.contains(rival) {
                let isFar = (largest - logit) / max(abs(logit), largest) > 2 * epsilon
                if !isFar { sum += exp(logit - largest) }
            }
            taken.insert(Int(expert))
            return (expert, 1 / sum)
        }
    }
}
