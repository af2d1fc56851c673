/// The device-level balance loss of DeepSeekMoE (arXiv 2401.06066, section 3.3) and DeepSeek-V2.
///
/// f'_d is the mean of f_e = E n_e / (k T) over the experts of device d, P'_d the sum of their mean probabilities; the
/// loss is the sum over devices of f'_d P'_d, which is 1 at perfect balance. DeepSeek-V2 weighs it with 0.05. With one
/// expert per device it is the expert-level loss.
public enum DeviceBalanceLoss {
    /// The loss without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - choices: how often each expert was chosen, n, `[experts]`.
    ///   - meanProbability: `[experts]`.
    ///   - tokens: tokens, T.
    ///   - topK: choices per token, k.
    ///   - devices: devices, which divide the experts.
    public static func value(
        choices: [Int],
        meanProbability: [Double],
        tokens: Int,
        topK: Int,
        devices: Int
    ) -> Double {
        guard tokens > 0 else { return 0 }
        let size = choices.count / devices
        let perCopy = Double(choices.count) / (Double(topK) * Double(tokens))
        return (0..<devices).reduce(0) { sum, device in
            let experts = device * size..<(device + 1) * size
            let share = Double(choices[experts].reduce(0, +)) * perCopy / Double(size)
            return sum + share * meanProbability[experts].reduce(0, +)
        }
    }
}
