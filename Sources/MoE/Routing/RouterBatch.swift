public import Tensors

/// What a router is given for one layer in one step.
public struct RouterBatch: Sendable {
    /// One matrix `[tokens, experts]` per entry of ``Router/projections``.
    public var projections: [Matrix]
    /// The random numbers that belong to this (seed, step, layer).
    public var random: CounterRandom

    /// A batch of `projections[0].rows` tokens.
    public init(projections: [Matrix], random: CounterRandom) {
        self.projections = projections
        self.random = random
    }
}
