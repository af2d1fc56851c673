import Foundation

/// Finds the best experts of every token under a rule.
struct ChoiceSelector {
    let rule: TopKRule
    let scores: TokenScores
    let batch: RouterBatch
    /// The selection bias, `[experts]`, or empty.
    let bias: [Float]

    /// The choices of all tokens, without weights.
    func choices() -> ChoiceTable {
        let depth = self.depth
        var ranking: [Int32] = []
        ranking.reserveCapacity(scores.tokens * depth)
        var priority: [Double] = []
        priority.reserveCapacity(scores.tokens)
        var selector = TopKSelector<Double>(count: depth)
        var keys = [Double](repeating: 0, count: scores.experts)
        for token in 0..<scores.tokens {
            setKeys(&keys, token)
            selector.select(from: keys)
            if rule.further == .sampling { drawFurther(&keys, token, first: selector.indices[0], &selector) }
            for (expert, key) in zip(selector.indices, selector.scores) {
                ranking.append(key == -.infinity ? -1 : expert)
            }
            priority.append(scores.scores[scores.row(token)].max() ?? 0)
        }
        return ChoiceTable(
            experts: scores.experts,
            topK: rule.topK,
            ranking: ranking,
            depth: depth,
            weight: [Double](repeating: 0, count: scores.tokens * rule.topK),
            priority: priority
        )
    }

    /// How many experts of each token are ranked: its choices, and those that a copy without a place may try.
    private var depth: Int {
        guard case .nextChoices(let passes) = rule.capacity?.overflow else { return rule.topK }
        return rule.topK + min(max(passes, 0), scores.experts - rule.topK)
    }

    /// What the experts of a token are ranked by. Logits have the order of softmax and sigmoid, and fewer ties.
    private func setKeys(_ keys: inout [Double], _ token: Int) {
        let row = scores.row(token)
        let readsScores = rule.groups != nil || !bias.isEmpty
        for (expert, index) in row.enumerated() {
            keys[expert] = readsScores ? scores.scores[index] : scores.logits[index]
            if let form = rule.bias, !bias.isEmpty { keys[expert] = form.biased(keys[expert], by: bias[expert]) }
            if rule.noise == .gumbelForChoice { keys[expert] += gumbel(.noise, index) }
        }
        rule.groups?.apply(to: &keys, topK: rule.topK)
    }

    /// Ranks all experts but the first one by logit plus Gumbel noise.
    private func drawFurther(_ keys: inout [Double], _ token: Int, first: Int32, _ selector: inout TopKSelector<Double>)
    {
        for (expert, index) in scores.row(token).enumerated() {
            keys[expert] = scores.logits[index] + gumbel(.sampling, index)
        }
        keys[Int(first)] = .infinity
        selector.select(from: keys)
    }

    private func gumbel(_ lane: RandomLane, _ index: Int) -> Double {
        -log(-log(batch.uniform(lane, index)))
    }
}
