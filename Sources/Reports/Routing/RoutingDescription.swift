public import Basics
import Figures
public import MoE
public import Records

/// The origin of a routing report: the file of logits, the router with its seed, and the sizes.
public struct RoutingDescription: Codable, Equatable, Sendable {
    /// Version of epsim.
    public var epsimVersion: String
    /// The file with the logits, as the user named it.
    public var file: String
    /// The router's name in the catalogue.
    public var router: String
    /// The rule by which the router chooses experts, in one line.
    public var rule: String
    /// The seed of the router's random numbers.
    public var seed: UInt64
    /// Experts of each layer, E.
    public var experts: Int
    /// Number of tokens of each step, `[steps]`.
    public var stepTokens: [Int]
    /// The precisions in which the scores of the layers were computed and ties are judged, each once.
    public var precisions: [ScorePrecision]
    /// Notes to read before relying on the figures.
    public var notes: [String]

    /// A description of the input and the router.
    public init(
        epsimVersion: String,
        file: String,
        router: String,
        rule: String,
        seed: UInt64,
        experts: Int,
        stepTokens: [Int],
        precisions: [ScorePrecision] = [.f32],
        notes: [String]
    ) {
        self.epsimVersion = epsimVersion
        self.file = file
        self.router = router
        self.rule = rule
        self.seed = seed
        self.experts = experts
        self.stepTokens = stepTokens
        self.precisions = precisions
        self.notes = notes
    }
}

/// The decisions of a router in one layer over all steps.
public struct RoutedLayer: Sendable {
    /// Number of the layer in the file of logits.
    public var number: Int
    /// Name of the tensor that the layer's logits come from.
    public var tensor: String
    /// The routing of the described layer, one record per step.
    public var steps: [LayerRecord]
    /// The agreement of the router's choices with recorded choices; nil where none were recorded.
    public var agreement: ChoiceAgreement?

    /// A layer without steps.
    public init(number: Int, tensor: String, agreement: ChoiceAgreement? = nil) {
        self.number = number
        self.tensor = tensor
        self.steps = []
        self.agreement = agreement
    }
}

/// The agreement of a router's choices of experts with recorded choices, in one layer or in all.
public struct RoutingAgreement: Codable, Equatable, Sendable {
    /// True when every token has its recorded experts, ties aside, and no gate weight differs by more than `tolerance`.
    public let holds: Bool
    /// The limit on the relative difference of a gate weight, |a - b| / max(|a|, |b|).
    public let tolerance: Double
    /// The number of (token, layer) pairs that were compared.
    public let tokens: Int
    /// The number of (token, layer) pairs with exactly the recorded experts.
    public let sameTokens: Int
    /// The number of (token, layer) pairs that differ only in experts of equal scores.
    public let tiedTokens: Int
    /// The number of (token, layer) pairs that differ in experts of unequal scores.
    public let differentTokens: Int
    /// The largest relative difference of a gate weight from a recorded one, or nil when none were compared.
    @OrNull public private(set) var largestWeightDifference: Double?

    /// Add up the agreement of several layers; nil without layers.
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
