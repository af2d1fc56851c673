public import Tensors

/// Tells whether two choices of a token are equally good because the experts that differ have equal scores.
public struct TiedScores: Sendable {
    private let logits: Matrix
    private let bias: [Float]

    /// Scores of some tokens.
    ///
    /// - Parameters:
    ///   - logits: of the gate, `[token, expert]`.
    ///   - bias: of the selection, `[expert]`, or empty.
    public init(logits: Matrix, bias: [Float]) {
        self.logits = logits
        self.bias = bias
    }

    /// True when both choices hold the same scores, kept and dropped.
    func areEqual(_ left: ChoiceAgreement.Experts, _ right: ChoiceAgreement.Experts, token: Int) -> Bool {
        scores(left.kept, token) == scores(right.kept, token)
            && scores(left.dropped, token) == scores(right.dropped, token)
    }

    /// Logit and bias of some experts, in an order that does not depend on who they are.
    private func scores(_ experts: [Int32], _ token: Int) -> [[Float]] {
        experts.map { expert in
            [logits[token, Int(expert)], bias.isEmpty ? 0 : bias[Int(expert)]]
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
