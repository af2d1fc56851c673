import Foundation

/// Finds the best experts of every token under a rule.
struct ChoiceSelector {
    private let rule: TopKRule
    private let scores: TokenScores
    private let batch: RouterBatch
    private let bias: [Float]
    private let depth: Int
    private var selector: TopKSelector
    private var groups: GroupMask?
    /// What the experts of a token are ranked by, where that has to be computed.
    private var keys: [Double]

    /// - Parameter bias: the selection bias, `[experts]`, or empty.
    init(rule: TopKRule, scores: TokenScores, batch: RouterBatch, bias: [Float]) {
        self.rule = rule
        self.scores = scores
        self.batch = batch
        self.bias = bias
        depth = Self.depth(rule, experts: scores.experts)
        selector = TopKSelector(count: depth)
        groups = rule.groups.map { GroupMask($0, experts: scores.experts, topK: rule.topK) }
        keys = [Double](repeating: 0, count: scores.experts)
    }

    /// The choices of all tokens, without weights.
    mutating func choices() -> ChoiceTable {
        var ranking: [Int32] = []
        ranking.reserveCapacity(scores.tokens * depth)
        for token in 0..<scores.tokens {
            rank(token)
            for place in 0..<depth {
                ranking.append(selector.scores[place] == -.infinity ? -1 : selector.indices[place])
            }
        }
        return ChoiceTable(
            experts: scores.experts,
            topK: rule.topK,
            ranking: ranking,
            depth: depth,
            weight: [Double](repeating: 0, count: scores.tokens * rule.topK),
            priority: rule.capacity?.order == .batchPrioritised ? priority() : nil
        )
    }

    /// How many experts of each token are ranked: its choices, and those that a copy without a place may try.
    private static func depth(_ rule: TopKRule, experts: Int) -> Int {
        guard case .nextChoices(let passes) = rule.capacity?.overflow else { return rule.topK }
        return rule.topK + min(max(passes, 0), experts - rule.topK)
    }

    /// The largest score of each token.
    private func priority() -> [Double] {
        unsafe scores.scores.withUnsafeBufferPointer { values in
            (0..<scores.tokens).map { unsafe Largest.value(UnsafeBufferPointer(rebasing: values[scores.row($0)])) }
        }
    }

    /// Ranks the experts of a token. Logits have the order of softmax and sigmoid, and fewer ties.
    private mutating func rank(_ token: Int) {
        let readsScores = groups != nil || !bias.isEmpty
        if readsScores || rule.noise == .gumbelForChoice {
            setKeys(token, from: readsScores ? scores.scores : scores.logits)
            groups?.apply(to: &keys)
            selector.select(from: keys)
        } else {
            selector.select(from: scores.logits, at: scores.row(token))
        }
        if rule.further == .sampling { drawFurther(token, first: selector.indices[0]) }
    }

    private mutating func setKeys(_ token: Int, from values: [Double]) {
        let start = token * scores.experts
        for expert in keys.indices { keys[expert] = values[start + expert] }
        if let form = rule.bias, !bias.isEmpty {
            for expert in keys.indices { keys[expert] = form.biased(keys[expert], by: bias[expert]) }
        }
        if rule.noise == .gumbelForChoice {
            for expert in keys.indices { keys[expert] += gumbel(.noise, start + expert) }
        }
    }

    /// Ranks all experts but the first one by logit plus Gumbel noise.
    private mutating func drawFurther(_ token: Int, first: Int32) {
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
