public import MoE

/// The mean spread of copies over experts: the input of a prediction without tokens.
public struct ExpectedRouting: Equatable, Sendable {
    /// Tokens of the step, T.
    public var tokens: Double
    /// Different experts per token, k.
    public var choices: Int
    /// Share of the copies of each expert, `[experts]`, of sum 1.
    public var shares: [Double]
    /// Groups of experts that a token's choice is limited to, or nil for no limit.
    public var limit: GroupChoice?

    /// An average routing.
    public init(tokens: Double, choices: Int, shares: [Double], limit: GroupChoice? = nil) {
        self.tokens = tokens
        self.choices = choices
        self.shares = shares
        self.limit = limit
    }
}
