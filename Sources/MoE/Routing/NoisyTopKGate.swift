import Foundation

/// The arithmetic of noisy top-k gating (Shazeer et al. 2017, section 2.1 and appendix A), token by token.
///
/// It works in double precision, with the noise given from outside and the scratch memory shared by all tokens.
struct NoisyTopKGate {
    /// The logits without noise of the token to be routed next, `[experts]`.
    var clean: [Double]
    /// The noise scales, before softplus, of the token to be routed next, `[experts]`.
    var raw: [Double]
    /// The standard normal numbers behind the noise of the token to be routed next, `[experts]`.
    var normal: [Double]

    /// The experts chosen so far, `[tokens * k]`, by descending gate.
    private(set) var expert: [Int32] = []
    /// The gate weights of the chosen experts, `[tokens * k]`; those of a token sum to 1.
    private(set) var gate: [Double] = []
    /// Sum of the gate weights of each expert over the tokens so far, `[experts]`.
    private(set) var importance: [Double]
    /// Sum over tokens of the probability that the expert is chosen when its own noise is drawn again, `[experts]`.
    private(set) var load: [Double]

    private let topK: Int
    private let noiseEpsilon: Double
    private let isTraining: Bool
    private var deviation: [Double]
    private var noisy: [Double]
    private var isChosen: [Bool]
    private var selector: TopKSelector

    /// Create a gate over `experts` experts; `topK` is in `1...experts`.
    init(tokens: Int, experts: Int, topK: Int, noiseEpsilon: Double, isTraining: Bool = true) {
        self.topK = topK
        self.noiseEpsilon = noiseEpsilon
        self.isTraining = isTraining
        clean = [Double](repeating: 0, count: experts)
        (raw, normal, importance, load) = (clean, clean, clean, clean)
        (deviation, noisy) = (clean, clean)
        isChosen = [Bool](repeating: false, count: experts)
        selector = TopKSelector(count: min(topK + 1, experts))
        expert.reserveCapacity(tokens * topK)
        gate.reserveCapacity(tokens * topK)
    }

    /// Route the token whose numbers stand in ``clean``, ``raw`` and ``normal``.
    mutating func routeToken() {
        for expert in clean.indices {
            deviation[expert] = isTraining ? Self.softplus(raw[expert]) + noiseEpsilon : 0
            noisy[expert] = clean[expert] + normal[expert] * deviation[expert]
        }
        selector.select(from: noisy)
        addGates()
        addLoad()
    }

    /// Add the gate weights of the token: a softmax over its k largest noisy logits.
    private mutating func addGates() {
        let largest = selector.scores[0]
        var sum = 0.0
        for choice in 0..<topK {
            sum += exp(selector.scores[choice] - largest)
        }
        for choice in 0..<topK {
            let value = exp(selector.scores[choice] - largest) / sum
            expert.append(selector.indices[choice])
            gate.append(value)
            importance[Int(selector.indices[choice])] += value
        }
    }

    /// Add to the load of each expert i P(x, i) = Phi((clean_i - threshold_i) / deviation_i), where the threshold is
    /// the k-th largest of the noisy logits without expert i. Where every expert is chosen, the load counts the weights
    /// above 0.
    private mutating func addLoad() {
        guard topK < clean.count else {
            for (expert, value) in zip(expert.suffix(topK), gate.suffix(topK)) where value > 0 {
                load[Int(expert)] += 1
            }
            return
        }
        for choice in 0..<topK { isChosen[Int(selector.indices[choice])] = true }
        let (last, next) = (selector.scores[topK - 1], selector.scores[topK])
        for expert in clean.indices {
            load[expert] += probability(ofExpert: expert, threshold: isChosen[expert] ? next : last)
        }
        for choice in 0..<topK { isChosen[Int(selector.indices[choice])] = false }
    }

    /// The probability that an expert is chosen; without noise the choice is certain: 1 or 0.
    private func probability(ofExpert expert: Int, threshold: Double) -> Double {
        // A masked expert is never chosen; where all others are masked, the rest are chosen for certain.
        if clean[expert] == -.infinity { return 0 }
        if threshold == -.infinity { return 1 }
        guard deviation[expert] > 0 else { return isChosen[expert] ? 1 : 0 }
        let distance = (clean[expert] - threshold) / deviation[expert]
        return 0.5 * erfc(-distance / 2.0.squareRoot())
    }

    /// log(1 + e^x), without overflow.
    private static func softplus(_ value: Double) -> Double {
        max(value, 0) + log1p(exp(-abs(value)))
    }
}
