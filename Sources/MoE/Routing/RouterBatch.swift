public import Tensors

/// What a router is given for one layer in one step.
public struct RouterBatch: Sendable {
    /// Number of tokens, T.
    public var tokens: Int
    /// Number of routed experts, E.
    public var experts: Int
    /// One matrix `[tokens, experts]` per entry of ``Router/projections``.
    public var projections: [Matrix]
    /// Choices to replay, for the router that replays.
    public var recorded: RecordedChoices?
    /// The random numbers that belong to this (seed, step, layer).
    public var random: CounterRandom

    /// A batch of `tokens` tokens for `experts` experts.
    public init(
        tokens: Int,
        experts: Int,
        projections: [Matrix],
        recorded: RecordedChoices? = nil,
        random: CounterRandom
    ) {
        self.tokens = tokens
        self.experts = experts
        self.projections = projections
        self.recorded = recorded
        self.random = random
    }
}
