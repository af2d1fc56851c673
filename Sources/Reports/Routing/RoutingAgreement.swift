public import Figures
import MoE

/// The agreement of choices with recorded ones, in one layer or in all.
public struct RoutingAgreement: Codable, Equatable, Sendable {
    /// True when all tokens have the recorded experts but for ties, and no weight differs by more than `tolerance`.
    public let holds: Bool
    /// How far a weight may differ, |a - b| / max(|a|, |b|).
    public let tolerance: Double
    /// (Token, layer) pairs that were compared.
    public let tokens: Int
    /// Those with the recorded experts.
    public let sameTokens: Int
    /// Those that differ only in experts of equal scores.
    public let tiedTokens: Int
    /// Those that differ otherwise.
    public let differentTokens: Int
    /// The largest difference of a weight, or nil when none were compared.
    @OrNull public private(set) var largestWeightDifference: Double?

    /// The agreements of some layers together; nil when there are none.
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
