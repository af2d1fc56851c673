import MoE

/// How much a quantity varies over experts, summarised over (step, layer) pairs.
public struct VariationFigures: Codable, Equatable, Sendable {
    /// Population standard deviation / mean over experts; 0 is perfect.
    public let cv: Spread
    /// The square of that, which the losses of Shazeer et al. 2017 (arXiv 1701.06538) weigh; 0 is perfect.
    public let cvSquared: Spread

    /// The variation of one quantity per expert for each (step, layer); lists with a value that is not finite do not
    /// count.
    init(_ quantities: [[Double]]) {
        let variations = quantities.filter { $0.allSatisfy(\.isFinite) }.map {
            LoadStatistics($0).coefficientOfVariation
        }
        cv = Spread(variations)
        cvSquared = Spread(variations.map { $0 * $0 })
    }
}
