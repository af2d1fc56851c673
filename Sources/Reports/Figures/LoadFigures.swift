import Records
import MoE

/// How evenly the routed copies were spread.
///
/// Loads are counted per (step, layer), in routed copies that were kept; each figure is computed there, and then
/// summarised over all (step, layer) pairs. Loads are never summed over layers first: that would hide imbalance.
public struct LoadFigures: Codable, Equatable, Sendable {
    /// Spread of the load over ranks.
    public struct OverRanks: Codable, Equatable, Sendable {
        /// Max load over ranks / mean load over ranks; 1 is perfect, the number of ranks the worst.
        public let imbalance: Spread
        /// Mean load over ranks / max load over ranks; 1 is perfect.
        public let balancedness: Spread
    }

    /// Spread of the load over experts.
    public struct OverExperts: Codable, Equatable, Sendable {
        /// Max load over experts / mean load over experts; 1 is perfect.
        public let imbalance: Spread
        /// Population standard deviation / mean of the load over experts; 0 is perfect.
        public let cv: Spread
        /// The square of `cv`; 0 is perfect.
        public let cvSquared: Spread
        /// Max load over experts / mean load over experts - 1; 0 is perfect.
        public let maxvio: Spread
    }

    /// Over ranks.
    public let rank: OverRanks
    /// Over experts.
    public let expert: OverExperts
    /// Of the importance over experts: the sum of gate weights that an expert is given before any drop.
    public let importance: VariationFigures
    /// Of the differentiable estimate of the load of Shazeer et al. 2017 over experts; without values where the router
    /// has none.
    public let smoothLoad: VariationFigures
    /// Copies and tokens that found no place.
    public let dropped: DroppedFigures
    /// Rows that padding would add.
    public let padding: PaddingFigures
    /// Losses that the router reports, in its order.
    public let losses: [LossFigures]

    /// The figures of recorded steps; a (step, layer) that lacks a rank does not count for the ranks' figures,
    /// one whose importance or smooth load is not finite not for that.
    init(_ steps: [StepRecord], ranks: Int) {
        let layers = steps.flatMap(\.layers)
        let ofRanks = layers.filter { $0.ranks.count == ranks }.map { LoadStatistics($0.ranks.map(\.copies)) }
        let ofExperts = layers.map { LoadStatistics($0.expertCopies) }
        let variation = VariationFigures(layers.map { $0.expertCopies.map(Double.init) })
        rank = OverRanks(
            imbalance: Spread(ofRanks.map(\.imbalance)),
            balancedness: Spread(ofRanks.map(\.balancedness))
        )
        expert = OverExperts(
            imbalance: Spread(ofExperts.map(\.imbalance)),
            cv: variation.cv,
            cvSquared: variation.cvSquared,
            maxvio: Spread(ofExperts.map(\.maxViolation))
        )
        importance = VariationFigures(layers.map(\.importance))
        smoothLoad = VariationFigures(layers.compactMap(\.smoothLoad))
        dropped = DroppedFigures(steps)
        padding = PaddingFigures(steps)
        losses = LossFigures.all(layers)
    }
}
