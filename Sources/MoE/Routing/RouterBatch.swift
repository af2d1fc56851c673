public import Tensors

/// What a router is given for one layer in one step.
public struct RouterBatch: Sendable {
    /// Number of tokens, T.
    public var tokens: Int
    /// Number of routed experts, E.
    public var experts: Int
    /// One matrix per entry of ``Router/projections``, `[tokens, columns]` (see ``Router/columns(of:experts:)``).
    public var projections: [Matrix]
    /// Choices to replay, for the router that replays.
    public var recorded: RecordedChoices?
    /// The vocabulary ids of the tokens, `[tokens]`, for routers that hash them.
    public var tokenIDs: [Int32]?
    /// The lengths of the sequences that the tokens form, or nil when they are one sequence.
    public var sequenceLengths: [Int]?
    /// The random numbers that belong to this (seed, step, layer).
    public var random: CounterRandom
    /// Numbers to take instead of random ones, so that a test can repeat a published case.
    var givenNumbers: [RandomLane: [Double]] = [:]

    /// A batch of `tokens` tokens for `experts` experts.
    public init(
        tokens: Int,
        experts: Int,
        projections: [Matrix],
        recorded: RecordedChoices? = nil,
        tokenIDs: [Int32]? = nil,
        sequenceLengths: [Int]? = nil,
        random: CounterRandom
    ) {
        self.tokens = tokens
        self.experts = experts
        self.projections = projections
        self.recorded = recorded
        self.tokenIDs = tokenIDs
        self.sequenceLengths = sequenceLengths
        self.random = random
    }
}
