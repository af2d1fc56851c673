public import MoE
public import Records

/// The mean spread of copies over experts: the input of a prediction without tokens.
public struct ExpectedRouting: Equatable, Sendable {
    /// Tokens of the step, T.
    public var tokens: Double
    /// Different experts per token, k.
    public var choices: Int
    /// Share of the copies of each expert, identity experts last, `[experts]`, of sum 1.
    public var shares: [Double]
    /// Groups of experts that a token's choice is limited to, or nil for no limit.
    public var limit: GroupChoice?
    /// Tokens that each rank owns, `[ranks]`, of sum T; nil for as many of each.
    public var tokensOfRanks: [Double]?
    /// The odds with which tokens choose experts, where whoever knows the shares has found them; nil to find them here.
    public var fit: ChoiceFit?

    /// The mean spread of the copies of `tokens` tokens over the experts.
    public init(
        tokens: Double,
        choices: Int,
        shares: [Double],
        limit: GroupChoice? = nil,
        tokensOfRanks: [Double]? = nil,
        fit: ChoiceFit? = nil
    ) {
        self.tokens = tokens
        self.choices = choices
        self.shares = shares
        self.limit = limit
        self.tokensOfRanks = tokensOfRanks
        self.fit = fit
    }

    /// True where two routings are of the same tokens, which then choose by the same odds.
    public static func == (left: ExpectedRouting, right: ExpectedRouting) -> Bool {
        (left.tokens, left.choices, left.limit) == (right.tokens, right.choices, right.limit)
            && left.shares == right.shares && left.tokensOfRanks == right.tokensOfRanks
    }

    /// The tokens that each of so many ranks owns.
    func tokens(ofRanks ranks: Int) -> [Double] {
        tokensOfRanks ?? [Double](repeating: tokens / Double(ranks), count: ranks)
    }
}

extension LayerRecord {
    /// The record of a layer with expected loads, rounded to whole copies that keep the sum; all copies of a token have
    /// equal weight.
    ///
    /// - Parameter identityExperts: how many of the last experts return their input.
    public init(layer: Int, expected: ExpectedRouting, identityExperts: Int = 0) {
        let copies = expected.shares.map { $0 * expected.tokens * Double(expected.choices) }
        self.init(
            layer: layer,
            expertCopies: WholeNumbers.keepingSum(copies),
            expertDropped: [Int](repeating: 0, count: copies.count),
            importance: copies.map { $0 / Double(expected.choices) },
            identityExperts: identityExperts,
            tokensWithoutExpert: 0,
            losses: []
        )
    }
}
