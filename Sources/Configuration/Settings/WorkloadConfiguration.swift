public import Workloads

/// The section `workload`: where the tokens, or the recorded choices, come from.
public struct WorkloadConfiguration: Codable, Equatable, Sendable {
    /// The kind of source.
    public var kind = WorkloadKind.synthetic
    /// The file to read, absolute once resolved; present exactly when the kind reads a file.
    public var path: String?
    /// The tensor of the file to read, or nil for the only one (activations).
    public var tensor: String?
    /// Tokens per step, T.
    public var tokens = 512
    /// What gives the tokens per step as so many for each rank, or nil.
    public var tokensPerRank: Int?
    /// Tokens of each sequence within a step, or nil for the source's own sequences, or one.
    public var sequenceTokens: Int?
    /// Equal groups of experts (loads).
    public var groups = 1
    /// Groups of experts that a token may use (loads).
    public var groupsKept = 1
    /// How popular the experts are (synthetic).
    public var distribution = PopularityDistribution.uniform
    /// Exponent of the popularity (Zipf and power law).
    public var exponent = 1.0
    /// Standard deviation of the logarithm of the popularity (log-normal).
    public var sigma = 1.0

    /// The defaults.
    public init() {}
}
