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
