import Tensors

/// The agreement of a router's choices with recorded ones for the same tokens.
///
/// The order of a token's choices does not count. Weights are compared where a token has the same experts, expert by
/// expert, and only for copies that are sent to them. Where experts have equal scores in the precision of the record
/// (``TiedScores``), either is right: a token that differs in such experts only is a tie, told apart from the others.
public struct ChoiceAgreement: Equatable, Sendable {
    /// The experts of one token, ascending.
    public struct Experts: Codable, Equatable, Sendable {
        /// The experts that the token is sent to; all that it chose where drops were not recorded.
        public let kept: [Int32]
        /// The experts that had no place for the token.
        public let dropped: [Int32]
    }

    /// A token whose experts differ, ties left out.
    public struct Difference: Codable, Equatable, Sendable {
        /// The number of the token.
        public let token: Int
        /// The token's experts in the record.
        public let recorded: Experts
        /// The token's experts by the router.
        public let routed: Experts
    }

    /// The upper limit of the differences that are kept; more are counted only.
    public static let mostDifferences = 5

    /// Tokens that were compared.
    public private(set) var tokens = 0
    /// Tokens with the same experts, and the same of them dropped where drops were recorded.
    public private(set) var sameTokens = 0
    /// Tokens that differ only in experts of equal scores.
    public private(set) var tiedTokens = 0
    /// The largest |a - b| / max(|a|, |b|) of a weight, 0 to 2; nil when no weight was compared.
    public private(set) var largestWeightDifference: Double?
    /// The first tokens whose experts differ, at most ``mostDifferences``.
    public private(set) var differences: [Difference] = []

    /// An agreement over no tokens yet.
    public init() {}

    /// Number of tokens whose experts differ, ties left out.
    public var differentTokens: Int { tokens - sameTokens - tiedTokens }

    /// True when all tokens have the same experts but for ties, with weights that differ by `tolerance` at most.
    public func holds(within tolerance: Double) -> Bool {
        differentTokens == 0 && (largestWeightDifference ?? 0) <= tolerance
    }

    /// Compare the choices of some tokens with the recorded ones.
    ///
    /// - Parameters:
    ///   - plan: the plan that the router made.
    ///   - recorded: the record of as many tokens.
    ///   - kept: for each recorded choice whether it was sent, or nil when that was not recorded.
    ///   - ties: the scores that tell ties, or nil when no token can be a tie.
    ///   - number: the number of each token in the record, from its place among these.
    /// - Precondition: plan and record have the same number of tokens.
    public mutating func compare(
        _ plan: DispatchPlan,
        with recorded: RecordedChoices,
        kept: [Bool]?,
        ties: TiedScores? = nil,
        number: (Int) -> Int
    ) {
        precondition(plan.tokens == recorded.tokens, "\(plan.tokens) tokens against \(recorded.tokens)")
        for token in 0..<plan.tokens {
            let copies = plan.copies(ofToken: token)
            let row = recorded.row(token)
            let routed = Experts(copies, of: plan.expert) { kept == nil || plan.isKept($0) }
            let expected = Experts(row, of: recorded.experts) { kept?[$0] ?? true }
            tokens += 1
            guard routed == expected else {
                if ties?.areEqual(expected, routed, token: token) == true {
                    tiedTokens += 1
                } else {
                    note(Difference(token: number(token), recorded: expected, routed: routed))
                }
                continue
            }
            sameTokens += 1
            guard let weights = recorded.weights else { continue }
            for copy in copies where plan.isKept(copy) {
                guard let place = row.first(where: { recorded.experts[$0] == plan.expert[copy] }) else { continue }
                compare(Double(plan.weight[copy]), Double(weights[place]))
            }
        }
    }

    private mutating func note(_ difference: Difference) {
        if differences.count < Self.mostDifferences { differences.append(difference) }
    }

    private mutating func compare(_ left: Double, _ right: Double) {
        let scale = max(left.magnitude, right.magnitude)
        let difference = scale == 0 ? 0 : (left - right).magnitude / scale
        largestWeightDifference = max(largestWeightDifference ?? 0, difference.isFinite ? difference : 2)
    }
}

extension ChoiceAgreement.Experts {
    /// Create the experts of one token from a range of choices, without the empty ones.
    fileprivate init(_ places: Range<Int>, of experts: [Int32], isKept: (Int) -> Bool) {
        let chosen = places.filter { experts[$0] != ChoiceRows.none }
        kept = chosen.filter(isKept).map { experts[$0] }.sorted()
        dropped = chosen.filter { !isKept($0) }.map { experts[$0] }.sorted()
    }
}

extension RecordedChoices {
    /// The range of a token's choices in the arrays of the record.
    func row(_ token: Int) -> Range<Int> {
        token * choicesPerToken..<(token + 1) * choicesPerToken
    }
}
