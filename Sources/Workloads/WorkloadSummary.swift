/// The description of a run's tokens in its report.
public struct WorkloadSummary: Codable, Equatable, Sendable {
    /// Where the tokens come from.
    public var kind: WorkloadKind
    /// Name of the file without its folder; nil for synthetic tokens.
    public var source: String?
    /// Tokens that the file holds; nil for synthetic tokens, which never repeat.
    public var distinctTokens: Int?
    /// Tokens per step, T.
    public var tokensPerStep: Int

    /// A summary of a source of tokens.
    public init(kind: WorkloadKind, source: String?, distinctTokens: Int?, tokensPerStep: Int) {
        self.kind = kind
        self.source = source
        self.distinctTokens = distinctTokens
        self.tokensPerStep = tokensPerStep
    }

    /// How often a run of `steps` steps goes through the source: over 1 when tokens come again, nil when they never do.
    public func passes(steps: Int) -> Double? {
        distinctTokens.map { Double(steps) * Double(tokensPerStep) / Double($0) }
    }
}
