public import Tensors

/// Tells whether two choices of a token are equally good because the experts that differ have equal scores.
public struct TiedScores: Sendable {
    private let logits: Matrix
    private let bias: [Float]
    private let gateBias: [Float]

    /// Scores of some tokens.
    ///
    /// - Parameters:
    ///   - logits: of the gate, `[token, expert]`.
    ///   - bias: of the selection, `[expert]`, or empty.
    ///   - gateBias: what the router adds to the logits, `[expert]`, or empty.
    public init(logits: Matrix, bias: [Float], gateBias: [Float] = []) {
        self.logits = logits
        self.bias = bias
        self.gateBias = gateBias
    }

    /// True when both choices hold the same scores, kept and dropped.
    func areEqual(_ left: ChoiceAgreement.Experts, _ right: ChoiceAgreement.Experts, token: Int) -> Bool {
        scores(left.kept, token) == scores(right.kept, token)
            && scores(left.dropped, token) == scores(right.dropped, token)
    }

    /// Logit and bias of some experts, in an order that does not depend on who they are.
    private func scores(_ experts: [Int32], _ token: Int) -> [[Double]] {
        experts.map { expert in
            let logit = Double(logits[token, Int(expert)]) + Self.value(gateBias, expert)
            return [logit, Self.value(bias, expert)]
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private static func value(_ bias: [Float], _ expert: Int32) -> Double {
        bias.isEmpty ? 0 : Double(bias[Int(expert)])
    }
}
