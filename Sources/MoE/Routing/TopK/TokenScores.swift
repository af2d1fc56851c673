import Foundation

/// The logits and scores of all tokens of a batch, in double precision.
struct TokenScores {
    /// Number of tokens, T.
    let tokens: Int
    /// Routed experts, E.
    let experts: Int
    /// The logits that were scored, `[tokens * experts]`.
    let logits: [Double]
    /// The scores, `[tokens * experts]`; the logits themselves where the score depends on the choice.
    private(set) var scores: [Double]
    /// Probabilities of the experts, `[tokens * experts]`, each row summing to 1: a softmax over all, or sigmoids
    /// divided by their sum.
    private(set) var probabilities: [Double]

    /// Scores the given logits, all of them finite.
    init(logits: [Double], experts: Int, score: ScoreFunction) {
        self.logits = logits
        self.experts = experts
        tokens = logits.count / experts
        scores = logits
        probabilities = logits
        for token in 0..<tokens {
            let row = token * experts..<(token + 1) * experts
            if score == .sigmoid {
                setToSigmoids(row)
            } else {
                Self.setToSoftmax(&probabilities, row)
            }
        }
        if score == .softmax { scores = probabilities }
    }

    /// The places of one token in the arrays.
    func row(_ token: Int) -> Range<Int> {
        token * experts..<(token + 1) * experts
    }

    /// Mean probability of each expert over some tokens, `[experts]`; 0 without tokens.
    func meanProbability(_ tokens: Range<Int>) -> [Double] {
        var sums = [Double](repeating: 0, count: experts)
        for token in tokens {
            for expert in 0..<experts { sums[expert] += probabilities[token * experts + expert] }
        }
        return sums.map { $0 / Double(max(tokens.count, 1)) }
    }

    private mutating func setToSigmoids(_ row: Range<Int>) {
        var sum = 0.0
        for index in row {
            scores[index] = 1 / (1 + exp(-logits[index]))
            sum += scores[index]
        }
        for index in row { probabilities[index] = sum > 0 ? scores[index] / sum : 0 }
    }

    /// Replaces some values by their softmax.
    static func setToSoftmax(_ values: inout [Double], _ range: Range<Int>) {
        let largest = values[range].max() ?? 0
        var sum = 0.0
        for index in range {
            values[index] = exp(values[index] - largest)
            sum += values[index]
        }
        for index in range { values[index] /= sum }
    }
}
