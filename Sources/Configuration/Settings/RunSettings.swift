public import CostModel

/// The section `run`: how long, with which seed, and where the results go.
public struct RunSettings: Codable, Equatable, Sendable {
    /// Measured steps.
    public var steps = 20
    /// Steps before the measured ones, which no figure counts.
    public var warmup = 2
    /// What all weights and random numbers follow from.
    public var seed: UInt64 = 1
    /// What is in flight at a time.
    public var overlap = OverlapMode.none
    /// The folder that receives one folder per run, absolute once resolved.
    public var out = "runs"
    /// Recomputes every token in one process and compares.
    public var verify = false

    /// The defaults.
    public init() {}
}
