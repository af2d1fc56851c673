/// Sums of router probabilities over ranges of tokens, taken up one block of tokens after another.
struct ProbabilitySums {
    /// The ranges, ascending and without gaps.
    let ranges: [Range<Int>]
    private let experts: Int
    /// `[ranges * experts]`.
    private var sums: [Double]
    /// The range that the next token lies in.
    private var current = 0

    init(_ ranges: [Range<Int>], experts: Int) {
        self.ranges = ranges
        self.experts = experts
        sums = [Double](repeating: 0, count: ranges.count * experts)
    }

    /// Adds the next tokens.
    mutating func add(_ block: TokenScores) {
        for token in 0..<block.tokens {
            while ranges[current].upperBound <= block.firstToken + token { current += 1 }
            add(block.probabilities, from: token * experts, to: current * experts)
        }
    }

    /// Mean probability of each expert over the tokens of a range, `[experts]`; 0 without tokens.
    func mean(_ range: Int) -> [Double] {
        sums[range * experts..<(range + 1) * experts].map { $0 / Double(max(ranges[range].count, 1)) }
    }

    private mutating func add(_ probabilities: [Double], from start: Int, to target: Int) {
        unsafe probabilities.withUnsafeBufferPointer { probabilities in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                let row = unsafe UnsafeBufferPointer(rebasing: probabilities[start..<start + experts])
                let sum = unsafe UnsafeMutableBufferPointer(rebasing: sums[target..<target + experts])
                for expert in 0..<row.count { unsafe sum[expert] += row[expert] }
            }
        }
    }
}
