import Foundation
public import Tensors

/// The scores of tokens that tell a tie: two choices of which either is right.
///
/// Scores are those of the selection in single precision, the one in which models are routed: sigmoids of large logits
/// are 1, softmaxes of small ones 0, and a large bias takes digits off a score. Experts of equal logits and equal bias
/// tie in any precision.
public struct TiedScores: Sendable {
    private let logits: Matrix
    private let bias: [Float]
    private let gateBias: [Float]
    private let rule: TopKRule?

    /// Create the scores of tokens from the gate's logits and the biases.
    ///
    /// - Parameters:
    ///   - logits: of the gate, `[token, expert]`.
    ///   - bias: of the selection, `[expert]`, or empty.
    ///   - gateBias: the bias that the router adds to the logits, `[expert]`, or empty.
    ///   - rule: the rule that makes scores of logits; nil where the logits themselves decide.
    public init(logits: Matrix, bias: [Float], gateBias: [Float] = [], rule: TopKRule? = nil) {
        self.logits = logits
        self.bias = bias
        self.gateBias = gateBias
        self.rule = rule
    }

    /// True when two choices of a token have the same scores, both among their kept and among their dropped experts, or
    /// when groups of equal scores are why they differ.
    func areEqual(_ left: ChoiceAgreement.Experts, _ right: ChoiceAgreement.Experts, token: Int) -> Bool {
        guard (left.kept + left.dropped).allSatisfy({ $0 >= 0 && $0 < logits.columns }) else { return false }
        if numbers(left.kept, token) == numbers(right.kept, token),
            numbers(left.dropped, token) == numbers(right.dropped, token)
        {
            return true
        }
        guard let rule else { return false }
        let keys = rule.singleKeys(logits.row(token), gateBias: gateBias, bias: rule.bias == nil ? [] : bias)
        func scores(_ experts: [Int32]) -> [Float] { experts.map { keys[Int($0)] }.sorted() }
        if rule.groups == nil || !rule.hasTiedGroups(keys) {
            return scores(left.kept) == scores(right.kept) && scores(left.dropped) == scores(right.dropped)
                && Self.isBest(left.kept + left.dropped, keys, rule)
        }
        guard left.dropped.isEmpty, right.dropped.isEmpty, left.kept.count == right.kept.count else { return false }
        return Self.isBest(left.kept, keys, rule)
    }

    /// True when experts are k best ones by their keys, in groups that may be the best.
    private static func isBest(_ experts: [Int32], _ keys: [Float], _ rule: TopKRule) -> Bool {
        guard let least = experts.map({ keys[Int($0)] }).min() else { return false }
        let chosen = Set(experts)
        func isBeaten(_ range: Range<Int>) -> Bool {
            range.contains { keys[$0] > least && !chosen.contains(Int32($0)) }
        }
        guard let limit = rule.groups, limit.kept < limit.groups else { return !isBeaten(keys.indices) }
        let size = keys.count / limit.groups
        let groups = rule.singleGroups(keys)
        let last = groups.sorted(by: >)[limit.kept - 1]
        let used = Set(experts.map { Int($0) / size })
        guard used.count <= limit.kept, used.allSatisfy({ groups[$0] >= last }) else { return false }
        // Groups above the last kept one are in every choice of groups; of those that tie with it any may be.
        let sure = groups.indices.filter { groups[$0] > last }
        let kept = used.union(sure)
        guard kept.count <= limit.kept else { return false }
        func range(_ group: Int) -> Range<Int> { group * size..<(group + 1) * size }
        guard !kept.contains(where: { isBeaten(range($0)) }) else { return false }
        let others = groups.indices.filter { groups[$0] == last && !kept.contains($0) && !isBeaten(range($0)) }
        return kept.count + others.count >= limit.kept
    }

    /// Logit and bias of some experts, in an order that does not depend on the experts' numbers.
    private func numbers(_ experts: [Int32], _ token: Int) -> [[Double]] {
        experts.map { expert in
            let logit = Double(logits[token, Int(expert)]) + Self.value(gateBias, expert)
            return [logit, Self.value(bias, expert)]
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func value(_ bias: [Float], _ expert: Int32) -> Double {
        bias.isEmpty ? 0 : Double(bias[Int(expert)])
    }
}

extension TopKRule {
    /// The keys by which experts are selected, each operation in single precision.
    fileprivate func singleKeys(_ row: ArraySlice<Float>, gateBias: [Float], bias: [Float]) -> [Float] {
        var logits = Array(row)
        if !gateBias.isEmpty { logits = zip(logits, gateBias).map { $0 + $1 } }
        if let softcap {
            let cap = Float(softcap)
            logits = logits.map { $0 == -.infinity ? $0 : cap * Float(tanh(Double($0 / cap))) }
        }
        if temperature != 1 { logits = logits.map { $0 / Float(temperature) } }
        var keys = logits
        switch score {
        case .softmax:
            let largest = logits.max() ?? 0
            let terms = logits.map { Float(exp(Double($0 - largest))) }
            let sum = terms.reduce(0, +)
            keys = terms.map { $0 / sum }
        case .sigmoid: keys = logits.map { 1 / (1 + Float(exp(Double(-$0)))) }
        case .softmaxOfChosen, .logit: break
        }
        if let form = self.bias, !bias.isEmpty {
            keys = zip(keys, bias).map { Float(form.biased(Double($0), by: $1)) }
        }
        return zip(keys, row).map { $1 == -.infinity ? -.infinity : $0 }
    }

    /// The scores of the groups of experts, of keys in single precision.
    fileprivate func singleGroups(_ keys: [Float]) -> [Float] {
        guard let groups else { return [] }
        let size = keys.count / groups.groups
        return (0..<groups.groups).map { group in
            let best = keys[group * size..<(group + 1) * size].sorted(by: >).prefix(groups.summed(topK: topK))
            let finite = best.filter { $0 != -.infinity }
            return finite.isEmpty ? -.infinity : finite.reduce(0, +)
        }
    }

    /// True when the last group that is kept has the score of one that is not.
    fileprivate func hasTiedGroups(_ keys: [Float]) -> Bool {
        guard let groups, groups.kept < groups.groups else { return false }
        let scores = singleGroups(keys).sorted(by: >)
        return scores[groups.kept - 1] == scores[groups.kept]
    }
}
