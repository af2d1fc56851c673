/// The communication balance loss of DeepSeek-V2 (arXiv 2405.04434, section 2.1.3).
///
/// f''_d = D / (M T) times the tokens that are sent to device d at all, P''_d the sum of the mean probabilities of its
/// experts; the loss is the sum over devices of f''_d P''_d. It is 1 when every token uses M devices and all are used
/// alike, less when tokens use fewer. DeepSeek-V2 weighs it with 0.02.
public enum CommunicationBalanceLoss {
    /// The loss without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - visits: tokens that chose an expert of each device, `[devices]`.
    ///   - meanProbability: `[experts]`, neighbours on one device.
    ///   - tokens: tokens, T.
    ///   - limit: devices that a token may use, M.
    public static func value(visits: [Int], meanProbability: [Double], tokens: Int, limit: Int) -> Double {
        guard tokens > 0 else { return 0 }
        let devices = visits.count
        let size = meanProbability.count / devices
        let perVisit = Double(devices) / (Double(limit) * Double(tokens))
        return visits.indices.reduce(0) { sum, device in
            let probability = meanProbability[device * size..<(device + 1) * size].reduce(0, +)
            return sum + Double(visits[device]) * perVisit * probability
        }
    }
}
