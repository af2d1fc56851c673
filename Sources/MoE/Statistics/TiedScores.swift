import Foundation
public import Tensors

/// The scores of tokens that tell a tie: two choices of which either is right.
///
/// Scores are those of the selection in single precision, the one in which most models are routed: sigmoids of large
/// logits are 1, softmaxes of small ones 0, and a large bias takes digits off a score. Experts of equal logits and equal
/// bias tie in any precision. Where the reference used a shorter one, experts tie as well whose scores are equal when
/// they are rounded to it, or when all that leads to them is, operation by operation, as PyTorch does.
public struct TiedScores: Sendable {
    private let logits: Matrix
    private let bias: [Float]
    private let gateBias: [Float]
    private let rule: TopKRule?
    private let precision: ScorePrecision

    /// Create the scores of tokens from the gate's logits and the biases.
    ///
    /// - Parameters:
    ///   - logits: of the gate, `[token, expert]`.
    ///   - bias: of the selection, `[expert]`, or empty.
    ///   - gateBias: the bias that the router adds to the logits, `[expert]`, or empty.
    ///   - rule: the rule that makes scores of logits; nil where the logits themselves decide.
    ///   - precision: the precision of the reference's scores.
    public init(
        logits: Matrix,
        bias: [Float],
        gateBias: [Float] = [],
        rule: TopKRule? = nil,
        precision: ScorePrecision = .f32
    ) {
        self.logits = logits
        self.bias = bias
        self.gateBias = gateBias
        self.rule = rule
        self.precision = precision
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
        func keys(_ precision: ScorePrecision) -> [Float] {
            let bias = rule.bias == nil ? [] : bias
            return rule.keys(logits.row(token), gateBias: gateBias, bias: bias, in: precision)
        }
        let single = keys(.f32)
        if areEqual(left, right, single, rule, .f32) { return true }
        guard precision != .f32 else { return false }
        return areEqual(left, right, single.map(precision.rounded), rule, precision)
            || areEqual(left, right, keys(precision), rule, precision)
    }

    /// True when two choices have equal scores by the keys of all experts.
    private func areEqual(
        _ left: ChoiceAgreement.Experts,
        _ right: ChoiceAgreement.Experts,
        _ keys: [Float],
        _ rule: TopKRule,
        _ precision: ScorePrecision
    ) -> Bool {
        func scores(_ experts: [Int32]) -> [Float] { experts.map { keys[Int($0)] }.sorted() }
        if rule.groups == nil || !rule.hasTiedGroups(keys, precision) {
            return scores(left.kept) == scores(right.kept) && scores(left.dropped) == scores(right.dropped)
                && Self.isBest(left.kept + left.dropped, keys, rule, precision)
        }
        guard left.dropped.isEmpty, right.dropped.isEmpty, left.kept.count == right.kept.count else { return false }
        return Self.isBest(left.kept, keys, rule, precision)
    }

    /// True when experts are k best ones by their keys, in groups that may be the best.
    private static func isBest(
        _ experts: [Int32],
        _ keys: [Float],
        _ rule: TopKRule,
        _ precision: ScorePrecision
    ) -> Bool {
        guard let least = experts.map({ keys[Int($0)] }).min() else { return false }
        let chosen = Set(experts)
        func isBeaten(_ range: Range<Int>) -> Bool {
            range.contains { keys[$0] > least && !chosen.contains(Int32($0)) }
        }
        guard let limit = rule.groups, limit.kept < limit.groups else { return !isBeaten(keys.indices) }
        let size = keys.count / limit.groups
        let groups = rule.groupScores(keys, precision)
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
            let logit = Double(precision.rounded(logits[token, Int(expert)])) + Self.value(gateBias, expert)
            return [logit, Self.value(bias, expert)]
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func value(_ bias: [Float], _ expert: Int32) -> Double {
        bias.isEmpty ? 0 : Double(bias[Int(expert)])
    }
}

extension TopKRule {
    /// The keys by which experts are selected: the result of each operation in a precision, in which it is computed in
    /// single.
    fileprivate func keys(
        _ row: ArraySlice<Float>,
        gateBias: [Float],
        bias: [Float],
        in precision: ScorePrecision
    ) -> [Float] {
        let round = precision.rounded
        var logits = row.map(round)
        if !gateBias.isEmpty { logits = zip(logits, gateBias).map { round($0 + $1) } }
        if let softcap {
            let cap = Float(softcap)
            logits = logits.map { $0 == -.infinity ? $0 : round(cap * Float(tanh(Double($0 / cap)))) }
        }
        if temperature != 1 { logits = logits.map { round($0 / Float(temperature)) } }
        var keys = logits
        switch score {
        case .softmax:
            let largest = logits.max() ?? 0
            let terms = logits.map { Float(exp(Double($0 - largest))) }
            let sum = terms.reduce(0, +)
            keys = terms.map { round($0 / sum) }
        case .sigmoid: keys = logits.map { round(1 / (1 + Float(exp(Double(-$0))))) }
        case .softmaxOfChosen, .logit: break
        }
        if let form = self.bias, !bias.isEmpty {
            keys = zip(keys, bias).map { round(Float(form.biased(Double($0), by: $1))) }
        }
        return zip(keys, row).map { $1 == -.infinity ? -.infinity : $0 }
    }

    /// The scores of the groups of experts, of keys in a precision.
    fileprivate func groupScores(_ keys: [Float], _ precision: ScorePrecision) -> [Float] {
        guard let groups else { return [] }
        let size = keys.count / groups.groups
        return (0..<groups.groups).map { group in
            let best = keys[group * size..<(group + 1) * size].sorted(by: >).prefix(groups.summed(topK: topK))
            let finite = best.filter { $0 != -.infinity }
            return finite.isEmpty ? -.infinity : precision.rounded(finite.reduce(0, +))
        }
    }

    /// True when the last group that is kept has the score of one that is not.
    fileprivate func hasTiedGroups(_ keys: [Float], _ precision: ScorePrecision) -> Bool {
        guard let groups, groups.kept < groups.groups else { return false }
        let scores = groupScores(keys, precision).sorted(by: >)
        return scores[groups.kept - 1] == scores[groups.kept]
    }
}
