/// A bias per expert that takes part in the selection but not in the weights, with the rule by which it learns.
///
/// DeepSeek-V3 (arXiv 2412.19437, section 2.1.2): b_e += rate * sign(mean load - load_e) after every step; the variants
/// are those of Wang et al. 2024 (arXiv 2408.15664, section 4.3). Loads are copies per expert of one step.
public struct SelectionBias: Equatable, Sendable {
    /// The operation by which the bias enters a score.
    public enum Form: String, Codable, CaseIterable, Equatable, Sendable {
        /// score + b; b starts at 0.
        case added
        /// score * b; b starts at 1.
        case multiplied
    }

    /// The part of the load error, mean load - load_e, that the bias follows.
    public enum Update: String, Codable, CaseIterable, Equatable, Sendable {
        /// A step by the sign of the load error alone, whatever its size.
        case sign
        /// The load error itself.
        case error
    }

    /// The operation by which the bias enters a score.
    public var form: Form
    /// The part of the load error that the bias follows.
    public var update: Update
    /// The factor on the change of the bias in each step; 0 for a bias that never changes.
    public var rate: Double

    /// Create a selection bias; by default one that is added and never changes.
    public init(form: Form = .added, update: Update = .sign, rate: Double = 0) {
        self.form = form
        self.update = update
        self.rate = rate
    }

    /// The bias of each expert at the start.
    var initial: Float { form == .added ? 0 : 1 }

    /// A score with an expert's bias added to it or multiplied with it.
    func biased(_ score: Double, by bias: Float) -> Double {
        form == .added ? score + Double(bias) : score * Double(bias)
    }

    /// The bias of each expert after a step with the given loads, `[experts]`.
    func updated(_ bias: [Float], loads: [Int]) -> [Float] {
        guard rate != 0, !loads.isEmpty else { return bias }
        let old = bias.isEmpty ? [Float](repeating: initial, count: loads.count) : bias
        let mean = Double(loads.reduce(0, +)) / Double(loads.count)
        return zip(old, loads).map { bias, load in
            let error = mean - Double(load)
            let step =
                switch update {
                case .sign: error == 0 ? 0 : error < 0 ? -rate : rate
                case .error: rate * error
                }
            return Float(Double(bias) + step)
        }
    }
}
