/// The (rank, layer) pairs with a series of their own in Prometheus, so that a scrape stays bounded.
///
/// | run | labels of a histogram |
/// |---|---|
/// | ranks × layers ≤ 256 | each rank, each layer |
/// | more, but ranks ≤ 256 | each rank, `layer="all"` |
/// | more ranks | `rank="all"`, `layer="all"` |
///
/// Figures per layer have a series per layer up to 256 layers, and `layer="all"` beyond.
public struct LabelGrouping: Equatable, Sendable {
    /// The largest number of pairs, ranks or layers that have labels of their own.
    public static let limit = 256
    /// The value of a label that stands for all ranks or layers together.
    public static let together = "all"

    private let ranks: Int
    private let layers: Int

    /// Create the grouping of a run on `ranks` ranks with `layers` layers.
    public init(ranks: Int, layers: Int) {
        self.ranks = ranks
        self.layers = layers
    }

    /// Whether series of (rank, layer) pairs tell ranks apart; all ranks are taken together otherwise.
    public var pairsNameRanks: Bool { ranks <= Self.limit }
    /// Whether series of (rank, layer) pairs tell layers apart; all layers are taken together otherwise.
    public var pairsNameLayers: Bool { ranks * layers <= Self.limit }
    /// Whether figures per layer have a series for each layer; one for all layers together otherwise.
    public var namesLayers: Bool { layers <= Self.limit }

    /// The number of series of (rank, layer) pairs.
    public var pairs: Int { (pairsNameRanks ? ranks : 1) * (pairsNameLayers ? layers : 1) }

    /// The index of the series that a (rank, layer) pair counts in.
    public func index(rank: Int, layer: Int) -> Int {
        (pairsNameRanks ? rank : 0) * (pairsNameLayers ? layers : 1) + (pairsNameLayers ? layer : 0)
    }

    /// The values of the labels `rank` and `layer` of a series of (rank, layer) pairs.
    public func labels(pair index: Int) -> (rank: String, layer: String) {
        let width = pairsNameLayers ? layers : 1
        return (
            rank: pairsNameRanks ? "\(index / width)" : Self.together,
            layer: pairsNameLayers ? "\(index % width)" : Self.together
        )
    }
}
