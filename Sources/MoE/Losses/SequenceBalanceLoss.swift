/// The sequence-wise balance loss of DeepSeek-V3 (arXiv 2412.19437, section 2.1.2), of one sequence.
///
/// f_e = E / (k T) times the tokens that have expert e among the k largest scores without bias; P_e is the mean of the
/// scores divided by their sum. The loss is the sum of f_e P_e: 1 at perfect balance. DeepSeek-V3 weighs it with 1e-4.
/// DeepSeekMoE-16B's and V2's `seq_aux` is the same with softmax probabilities.
public enum SequenceBalanceLoss {
    /// The loss without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - choices: how often each expert is among the k largest, `[experts]`.
    ///   - meanProbability: P, `[experts]`.
    ///   - tokens: tokens of the sequence, T.
    ///   - topK: choices per token, k.
    public static func value(choices: [Int], meanProbability: [Double], tokens: Int, topK: Int) -> Double {
        SwitchAuxiliaryLoss.value(
            choices: choices,
            meanProbability: meanProbability,
            tokens: tokens,
            topK: topK,
            unit: .one
        )
    }
}
