/// What losses sum over tokens, taken up one block of tokens after another, so that no block has to be kept.
struct LossSums {
    /// Probabilities by group of competing tokens.
    private(set) var groups: ProbabilitySums
    /// Probabilities of all tokens.
    private(set) var all: ProbabilitySums
    /// Probabilities by sequence.
    private(set) var sequences: ProbabilitySums
    /// How often each expert is among the k largest scores, without any bias or limit, `[sequences * experts]`.
    private var unbiased: [Int]
    /// The sum of squared logsumexp(logits).
    private(set) var squaredLogSums = 0.0

    private let rules: [LossRule]
    private let experts: Int
    private var selector: TopKSelector

    /// Sums of nothing yet.
    ///
    /// - Parameters:
    ///   - rules: the losses that will be asked for; what none of them reads is not summed.
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

    /// Adds the next tokens.
    mutating func add(_ block: TokenScores) {
        if rules.contains(where: { $0.probabilities == .byGroup }) { groups.add(block) }
        if rules.contains(where: { $0.probabilities == .ofAll }) { all.add(block) }
        if rules.contains(.sequence) {
            sequences.add(block)
            countUnbiased(block)
        }
        if rules.contains(.routerZ) { RouterZLoss.add(logits: block.logits, experts: experts, to: &squaredLogSums) }
    }

    /// How often each expert is among the k largest scores of a sequence, `[experts]`.
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
