import Foundation

/// The sums over tokens that losses need, added one block of tokens after another, so that no block has to be kept.
struct LossSums {
    /// Sums of router probabilities for each group of competing tokens.
    private(set) var groups: ProbabilitySums
    /// Sums of router probabilities over all tokens.
    private(set) var all: ProbabilitySums
    /// Sums of router probabilities for each sequence.
    private(set) var sequences: ProbabilitySums
    /// For each sequence and expert, the number of tokens with the expert among their k largest scores, before any bias
    /// or limit, `[sequences * experts]`.
    private var unbiased: [Int]
    /// The sum over tokens of logsumexp(logits)^2.
    private(set) var squaredLogSums = 0.0

    private let rules: [LossRule]
    private let experts: Int
    private var selector: TopKSelector

    /// Create the sums for some losses, over no tokens yet.
    ///
    /// - Parameters:
    ///   - rules: the losses that will be asked for; sums that none of them reads stay 0.
    ///   - groups: the groups of competing tokens, ascending, all tokens.
    ///   - sequences: the sequences, ascending, all tokens.
    init(_ rules: [LossRule], tokens: Int, experts: Int, topK: Int, groups: [Range<Int>], sequences: [Range<Int>]) {
        self.rules = rules
        self.experts = experts
        self.groups = ProbabilitySums(groups, experts: experts)
        self.all = ProbabilitySums([0..<tokens], experts: experts)
        self.sequences = ProbabilitySums(sequences, experts: experts)
        unbiased = [Int](repeating: 0, count: sequences.count * experts)
        selector = TopKSelector(count: topK)
    }

    /// Add the scores of the next block of tokens to the sums that the losses read.
    mutating func add(_ block: TokenScores) {
        if rules.contains(where: { $0.probabilities == .byGroup }) { groups.add(block) }
        if rules.contains(where: { $0.probabilities == .ofAll }) { all.add(block) }
        if rules.contains(.sequence) {
            sequences.add(block)
            countUnbiased(block)
        }
        if rules.contains(.routerZ) { RouterZLoss.add(logits: block.logits, experts: experts, to: &squaredLogSums) }
    }

    /// The number of tokens of a sequence that have each expert among their k largest scores, `[experts]`.
    func unbiasedCounts(_ sequence: Int) -> [Int] {
        Array(unbiased[sequence * experts..<(sequence + 1) * experts])
    }

    private mutating func countUnbiased(_ block: TokenScores) {
        var sequence = 0
        for token in 0..<block.tokens {
            while sequences.ranges[sequence].upperBound <= block.firstToken + token { sequence += 1 }
            selector.select(from: block.logits, at: block.row(token))
            for expert in selector.indices { unbiased[sequence * experts + Int(expert)] += 1 }
        }
    }
}

/// The router z-loss of ST-MoE (arXiv 2202.08906, section 3.3): the mean over tokens of logsumexp(logits)^2.
///
/// It keeps logits small; ST-MoE weighs it with 1e-3.
public enum RouterZLoss {
    /// The router z-loss, without a coefficient; 0 without tokens.
    ///
    /// - Parameters:
    ///   - logits: `[tokens * experts]`.
    ///   - experts: experts, E.
    public static func value(logits: [Double], experts: Int) -> Double {
        let tokens = logits.count / max(experts, 1)
        guard tokens > 0 else { return 0 }
        var sum = 0.0
        add(logits: logits, experts: experts, to: &sum)
        return sum / Double(tokens)
    }

    /// Add logsumexp(logits)^2 of each token to `sum`.
    static func add(logits: [Double], experts: Int, to sum: inout Double) {
        unsafe logits.withUnsafeBufferPointer { logits in
            for start in stride(from: 0, to: logits.count, by: experts) {
                let row = unsafe UnsafeBufferPointer(rebasing: logits[start..<start + experts])
                let largest = unsafe Largest.value(row)
                var exponentials = 0.0
                for index in 0..<row.count { unsafe exponentials += exp(row[index] - largest) }
                let logSum = largest + log(exponentials)
                sum += logSum * logSum
            }
        }
    }
}

/// Sums of router probabilities over ranges of tokens, taken up one block of tokens after another.
struct ProbabilitySums {
    /// The ranges, ascending and without gaps.
    let ranges: [Range<Int>]
    private let experts: Int
    /// The sum of each expert's probabilities in each range, `[ranges * experts]`.
    private var sums: [Double]
    /// The number of the range in which the next token lies.
    private var current = 0

    init(_ ranges: [Range<Int>], experts: Int) {
        self.ranges = ranges
        self.experts = experts
        sums = [Double](repeating: 0, count: ranges.count * experts)
    }

    /// Add the router probabilities of the next block of tokens.
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

/// The balance loss of Switch (Fedus et al. 2021, section 2.2): E * sum over experts of f_e P_e.
///
/// P_e is the mean router probability of expert e and f_e its share of the choices, before any drop. Two units of f
/// are in use and often mixed up, so the unit is always named.
public enum SwitchAuxiliaryLoss {
    /// The unit of f, an expert's share of the choices, named by the value of the loss at perfect balance: 1 or k.
    public enum Unit: Equatable, Sendable {
        /// An expert's share f = choices / (T k), so that the loss is 1 at perfect balance (Switch, MegaBlocks,
        /// Megatron-Core, DeepSeek).
        case one
        /// An expert's share f = choices / T, so that the loss is k at perfect balance (Hugging Face transformers).
        case topK
    }

    /// The balance loss of Switch, without a coefficient; 0 for a batch without tokens.
    ///
    /// - Parameters:
    ///   - choices: how often each expert was chosen, before any drop, `[experts]`.
    ///   - meanProbability: mean router probability per expert over all tokens, `[experts]`.
    ///   - tokens: tokens of the batch, T.
    ///   - topK: choices per token, k.
    ///   - unit: the whole that f is a share of.
    public static func value(
        choices: [Int],
        meanProbability: [Double],
        tokens: Int,
        topK: Int,
        unit: Unit
    ) -> Double {
        guard tokens > 0 else { return 0 }
        let whole =
            switch unit {
            case .one: Double(tokens) * Double(topK)
            case .topK: Double(tokens)
            }
        let products = zip(choices, meanProbability).map { Double($0) / whole * $1 }
        return Double(choices.count) * products.reduce(0, +)
    }
}
