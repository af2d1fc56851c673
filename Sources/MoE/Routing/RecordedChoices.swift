/// Expert choices that were recorded elsewhere for the tokens of one layer, to be replayed instead of the gate's.
public struct RecordedChoices: Equatable, Sendable {
    /// The most choices of a token, k.
    public let choicesPerToken: Int
    /// The chosen experts, `[tokens * k]`, token after token; ``ChoiceRows/none`` where a token has fewer than k choices.
    public let experts: [Int32]
    /// The weights of the choices, `[tokens * k]`, or nil when only the choices were recorded; a replay then weighs
    /// each of a token's m choices with 1/m.
    public let weights: [Float]?

    /// Choices of `experts.count / choicesPerToken` tokens.
    ///
    /// - Precondition: the arrays hold a whole number of tokens.
    public init(choicesPerToken: Int, experts: [Int32], weights: [Float]?) {
        precondition(choicesPerToken > 0 && experts.count % choicesPerToken == 0, "a whole number of tokens")
        precondition(weights.map { $0.count == experts.count } ?? true, "one weight a choice")
        self.choicesPerToken = choicesPerToken
        self.experts = experts
        self.weights = weights
    }

    /// Number of tokens, T.
    public var tokens: Int { experts.count / choicesPerToken }
}

extension RecordedChoices {
    /// The choices of some consecutive tokens.
    public func slice(_ range: Range<Int>) -> RecordedChoices {
        let places = range.lowerBound * choicesPerToken..<range.upperBound * choicesPerToken
        return RecordedChoices(
            choicesPerToken: choicesPerToken,
            experts: Array(experts[places]),
            weights: weights.map { Array($0[places]) }
        )
    }

    /// The choices of runs of tokens that follow each other.
    ///
    /// - Precondition: there is at least one, and all have equally many choices per token.
    static func joined(_ parts: [RecordedChoices]) -> RecordedChoices {
        let weights = parts.compactMap(\.weights)
        return RecordedChoices(
            choicesPerToken: parts[0].choicesPerToken,
            experts: parts.flatMap(\.experts),
            weights: weights.count == parts.count ? Array(weights.joined()) : nil
        )
    }
}
