/// The balance loss of Switch (Fedus et al. 2021, section 2.2): E * sum over experts of f_e P_e.
///
/// P_e is the mean router probability of expert e and f_e its share of the choices, before any drop. Two units of f
/// are in use and often mixed up, so the unit is always named.
public enum SwitchAuxiliaryLoss {
    /// What f is a share of, named by the value that the loss has at perfect balance.
    public enum Unit: Equatable, Sendable {
        /// f = choices / (T k): 1 at balance (Switch, MegaBlocks, Megatron-Core, DeepSeek).
        case one
        /// f = choices / T: k at balance (Hugging Face transformers).
        case topK
    }

    /// The loss without a coefficient; 0 for a batch without tokens.
    ///
    /// - Parameters:
    ///   - choices: how often each expert was chosen, before any drop, `[experts]`.
    ///   - meanProbability: mean router probability per expert over all tokens, `[experts]`.
    ///   - tokens: tokens of the batch, T.
    ///   - topK: choices per token, k.
    ///   - unit: what f is a share of.
    public static func value(
        choices: [Int],
        meanProbability: [Double],
        tokens: Int,
        topK: Int,
        unit: Unit
    ) -> Double {
        guard tokens > 0 else { return 0 }
        let whole =
            switch unit {
            case .one: Double(tokens) * Double(topK)
            case .topK: Double(tokens)
            }
        let products = zip(choices, meanProbability).map { Double($0) / whole * $1 }
        return Double(choices.count) * products.reduce(0, +)
    }
}
