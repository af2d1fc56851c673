/// The input of a layer's losses: sums over its tokens, and their choices.
struct LossInput {
    /// The sums over tokens that losses read, such as those of router probabilities.
    let sums: LossSums
    /// The choices of all tokens, before any drop.
    let choices: ChoiceTable

    /// The number of times that each expert was chosen by some tokens, `[experts]`.
    ///
    /// - Parameter first: true to count first choices only.
    func counts(_ tokens: Range<Int>, first: Bool = false) -> [Int] {
        var counts = [Int](repeating: 0, count: choices.experts)
        let step = first ? choices.topK : 1
        for copy in stride(from: tokens.lowerBound * choices.topK, to: tokens.upperBound * choices.topK, by: step) {
            counts[Int(choices.expert[copy])] += 1
        }
        return counts
    }

    /// The number of tokens that chose at least one expert of each device, for `devices` devices with equally many
    /// experts, `[devices]`.
    func visits(devices: Int) -> [Int] {
        let size = choices.experts / devices
        var counts = [Int](repeating: 0, count: devices)
        var lastVisitor = [Int](repeating: -1, count: devices)
        for token in 0..<choices.tokens {
            for copy in choices.copies(ofToken: token) {
                let device = Int(choices.expert[copy]) / size
                if lastVisitor[device] != token { counts[device] += 1 }
                lastVisitor[device] = token
            }
        }
        return counts
    }
}

/// A loss that a token-choice router reports, with its coefficient.
public struct LossTerm: Equatable, Sendable {
    /// The rule by which the loss is computed.
    public var rule: LossRule
    /// The coefficient in the training objective; a loss is reported even where it is 0.
    public var coefficient: Double

    /// Create a loss term; with coefficient 0 the loss is reported only.
    public init(_ rule: LossRule, _ coefficient: Double = 0) {
        self.rule = rule
        self.coefficient = coefficient
    }

    /// Compute the loss of one layer, for its report.
    func loss(_ input: LossInput) -> BalanceLoss {
        BalanceLoss(
            name: rule.name,
            value: rule.value(input),
            coefficient: coefficient,
            valueAtBalance: rule.valueAtBalance(topK: input.choices.topK)
        )
    }
}

/// The loss of Shazeer et al. 2017, appendix A: the squared coefficient of variation.
public enum SquaredVariation {
    /// Population variance / (mean^2 + 1e-10): 0 at perfect balance, and 0 when all values are 0.
    public static func value(of values: [Double]) -> Double {
        let count = Double(max(values.count, 1))
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return variance / (mean * mean + 1e-10)
    }
}
