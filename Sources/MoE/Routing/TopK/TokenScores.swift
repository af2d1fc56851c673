import Foundation

/// The logits and scores of consecutive tokens of a batch, in double precision.
struct TokenScores {
    /// The number of the first token in its batch.
    let firstToken: Int
    /// Number of tokens here.
    let tokens: Int
    /// Routed experts, E.
    let experts: Int
    /// The logits that were scored, `[tokens * experts]`.
    let logits: [Double]
    /// The scores, `[tokens * experts]`; the logits themselves for the functions `softmaxOfChosen` and `logit`.
    let scores: [Double]
    /// Probabilities of the experts, `[tokens * experts]`, each row summing to 1: a softmax over all, or sigmoids
    /// divided by their sum.
    let probabilities: [Double]

    /// Score the given logits, all of them finite.
    init(logits: [Double], experts: Int, score: ScoreFunction, firstToken: Int = 0) {
        self.firstToken = firstToken
        self.logits = logits
        self.experts = experts
        tokens = logits.count / experts
        switch score {
        case .softmax:
            probabilities = unsafe Self.rows(of: logits, experts) { unsafe Self.softmax($0, into: $1) }
            scores = probabilities
        case .sigmoid:
            scores = unsafe Self.rows(of: logits, experts) { unsafe Self.sigmoids($0, into: $1) }
            probabilities = unsafe Self.rows(of: scores, experts) { unsafe Self.shares($0, into: $1) }
        case .softmaxOfChosen, .logit:
            probabilities = unsafe Self.rows(of: logits, experts) { unsafe Self.softmax($0, into: $1) }
            scores = logits
        }
    }

    /// The range of one token's values in the arrays; token 0 is the first of this block.
    func row(_ token: Int) -> Range<Int> {
        token * experts..<(token + 1) * experts
    }

    /// Replace some values by their softmax.
    static func setToSoftmax(_ values: inout [Double], _ range: Range<Int>) {
        unsafe values.withUnsafeMutableBufferPointer { values in
            let row = unsafe UnsafeMutableBufferPointer(rebasing: values[range])
            unsafe softmax(UnsafeBufferPointer(row), into: row)
        }
    }

    /// Apply `fill` to each row of `width` values, and return the rows that it writes.
    private static func rows(
        of values: [Double],
        _ width: Int,
        _ fill: (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
    ) -> [Double] {
        unsafe [Double](unsafeUninitializedCapacity: values.count) { target, count in
            unsafe values.withUnsafeBufferPointer { source in
                for start in stride(from: 0, to: source.count, by: width) {
                    unsafe fill(
                        UnsafeBufferPointer(rebasing: source[start..<start + width]),
                        UnsafeMutableBufferPointer(rebasing: target[start..<start + width])
                    )
                }
            }
            count = values.count
        }
    }

    @unsafe
    private static func softmax(_ logits: UnsafeBufferPointer<Double>, into row: UnsafeMutableBufferPointer<Double>) {
        let largest = unsafe Largest.value(logits)
        var sum = 0.0
        for index in 0..<logits.count {
            let value = unsafe exp(logits[index] - largest)
            unsafe row[index] = value
            sum += value
        }
        for index in 0..<row.count { unsafe row[index] /= sum }
    }

    @unsafe
    private static func sigmoids(_ logits: UnsafeBufferPointer<Double>, into row: UnsafeMutableBufferPointer<Double>) {
        for index in 0..<logits.count { unsafe row[index] = exp(-logits[index]) }
        for index in 0..<row.count { unsafe row[index] = 1 / (1 + row[index]) }
    }

    /// Write each score divided by the sum of the scores, or 0 where that sum is 0.
    @unsafe
    private static func shares(_ scores: UnsafeBufferPointer<Double>, into row: UnsafeMutableBufferPointer<Double>) {
        var sum = 0.0
        for index in 0..<scores.count { unsafe sum += scores[index] }
        for index in 0..<scores.count { unsafe row[index] = sum > 0 ? scores[index] / sum : 0 }
    }
}

/// The function from a token's logits to scores.
public enum ScoreFunction: String, Codable, CaseIterable, Sendable {
    /// exp(l_e) / sum over all experts of exp(l): the rule of most families.
    case softmax
    /// 1 / (1 + exp(-l_e)): DeepSeek-V3 and what came from it, Llama-4.
    case sigmoid
    /// A softmax over the k chosen logits only: gpt-oss, Granite, JetMoe, Shazeer 2017.
    case softmaxOfChosen = "softmax-of-chosen"
    /// The logit as it is.
    case logit
}
