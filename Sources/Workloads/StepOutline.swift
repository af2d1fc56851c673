/// The tokens of a step without their hidden states.
public struct StepOutline: Equatable, Sendable {
    /// How many there are, T.
    public var tokens: Int
    /// Their vocabulary ids, `[tokens]`, or nil when they have none.
    public var tokenIDs: [Int32]?
    /// The lengths of the sequences that they form, or nil when they are one sequence.
    public var sequenceLengths: [Int]?

    /// `tokens` tokens.
    public init(tokens: Int, tokenIDs: [Int32]? = nil, sequenceLengths: [Int]? = nil) {
        self.tokens = tokens
        self.tokenIDs = tokenIDs
        self.sequenceLengths = sequenceLengths
    }
}
