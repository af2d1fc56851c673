/// The balance loss of GShard (arXiv 2006.16668, algorithm 1), Mesh TensorFlow and DeepSpeed top-2.
///
/// c_e is the number of tokens whose first choice is expert e, before any drop, and m_e its mean probability. The paper
/// writes (1/E) sum (c_e / S) m_e; the code multiplies by E^2, which gives 1 at perfect balance.
public enum FirstChoiceLoss {
    /// E * sum over experts of (c_e / S) m_e, without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - firstChoices: c, `[experts]`.
    ///   - meanProbability: m, `[experts]`.
    ///   - tokens: tokens of the group, S.
    public static func value(firstChoices: [Int], meanProbability: [Double], tokens: Int) -> Double {
        SwitchAuxiliaryLoss.value(
            choices: firstChoices,
            meanProbability: meanProbability,
            tokens: tokens,
            topK: 1,
            unit: .one
        )
    }

    /// The same as the paper writes it: divided by E^2, so 1 / E^2 at perfect balance.
    public static func paperValue(firstChoices: [Int], meanProbability: [Double], tokens: Int) -> Double {
        let experts = Double(firstChoices.count)
        return value(firstChoices: firstChoices, meanProbability: meanProbability, tokens: tokens) / (experts * experts)
    }
}
