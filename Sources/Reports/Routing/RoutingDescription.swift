public import Figures
public import MoE
public import Records

/// The input and the router of a routing report.
public struct RoutingDescription: Codable, Equatable, Sendable {
    /// Version of epsim.
    public var epsimVersion: String
    /// The file with the logits, as the user named it.
    public var file: String
    /// The router's name in the catalogue.
    public var router: String
    /// The rule of the router, in one line.
    public var rule: String
    /// The seed of the router's random numbers.
    public var seed: UInt64
    /// Experts of each layer, E.
    public var experts: Int
    /// Tokens of each step.
    public var stepTokens: [Int]
    /// Notes to read before relying on the figures.
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

/// The decisions of a router in one layer over all steps.
public struct RoutedLayer: Sendable {
    /// Number of the layer in the file.
    public var number: Int
    /// The tensor that the logits come from.
    public var tensor: String
    /// One record per step.
    public var steps: [LayerRecord]
    /// The agreement of the choices with recorded ones; nil where none were recorded.
    public var agreement: ChoiceAgreement?

    /// A layer without steps.
    public init(number: Int, tensor: String, agreement: ChoiceAgreement? = nil) {
        self.number = number
        self.tensor = tensor
        self.steps = []
        self.agreement = agreement
    }
}

/// The agreement of choices with recorded ones, in one layer or in all.
public struct RoutingAgreement: Codable, Equatable, Sendable {
    /// True when all tokens have the recorded experts but for ties, and no weight differs by more than `tolerance`.
    public let holds: Bool
    /// The largest difference of a weight that is allowed, |a - b| / max(|a|, |b|).
    public let tolerance: Double
    /// The number of (token, layer) pairs that were compared.
    public let tokens: Int
    /// The number of pairs with the recorded experts.
    public let sameTokens: Int
    /// The number of pairs that differ only in experts of equal scores.
    public let tiedTokens: Int
    /// The number of pairs that differ otherwise.
    public let differentTokens: Int
    /// The largest difference of a weight, or nil when none were compared.
    @OrNull public private(set) var largestWeightDifference: Double?

    /// The agreement of several layers together; nil without layers.
    init?(_ layers: [ChoiceAgreement], tolerance: Double) {
        guard !layers.isEmpty else { return nil }
        holds = layers.allSatisfy { $0.holds(within: tolerance) }
        self.tolerance = tolerance
        tokens = layers.reduce(0) { $0 + $1.tokens }
        sameTokens = layers.reduce(0) { $0 + $1.sameTokens }
        tiedTokens = layers.reduce(0) { $0 + $1.tiedTokens }
        differentTokens = layers.reduce(0) { $0 + $1.differentTokens }
        largestWeightDifference = layers.compactMap(\.largestWeightDifference).max()
    }
}
