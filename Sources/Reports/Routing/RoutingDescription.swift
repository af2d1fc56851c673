/// The input and the router of a routing report.
public struct RoutingDescription: Codable, Equatable, Sendable {
    /// Version of epsim.
    public var epsimVersion: String
    /// The file with the logits, as it was named.
    public var file: String
    /// The router's name in the catalogue.
    public var router: String
    /// What the router does, in one line.
    public var rule: String
    /// The seed of its random numbers.
    public var seed: UInt64
    /// Experts of each layer, E.
    public var experts: Int
    /// Tokens of each step.
    public var stepTokens: [Int]
    /// What to know before relying on the figures.
    public var notes: [String]

    /// A description.
    public init(
        epsimVersion: String,
        file: String,
        router: String,
        rule: String,
        seed: UInt64,
        experts: Int,
        stepTokens: [Int],
        notes: [String]
    ) {
        self.epsimVersion = epsimVersion
        self.file = file
        self.router = router
        self.rule = rule
        self.seed = seed
        self.experts = experts
        self.stepTokens = stepTokens
        self.notes = notes
    }
}
