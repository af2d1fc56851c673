/// The slots of each layer of a model, with the experts that they hold.
///
/// All layers have the same experts and ranks; where an expert stands, and how many slots a rank has, may differ from
/// layer to layer. Layers that are alike share their storage.
public struct Placement: Equatable, Sendable {
    /// The placement of each layer, in order: at least one.
    public let layers: [LayerPlacement]
    /// Number of logical experts of a layer, E.
    public let experts: Int
    /// Number of ranks, R.
    public let ranks: Int

    /// A placement given layer by layer.
    ///
    /// - Throws: ``PlacementError`` when there is no layer, or a layer with other experts or ranks than the first.
    public init(layers: [LayerPlacement]) throws(PlacementError) {
        guard let first = layers.first else { throw PlacementError("0 layers were given; at least 1 is needed") }
        for (layer, other) in layers.enumerated()
        where other.experts != first.experts || other.ranks != first.ranks {
            throw PlacementError(
                "layer \(layer) has \(other.experts) experts on \(other.ranks) ranks and layer 0 has "
                    + "\(first.experts) on \(first.ranks); all layers need the same"
            )
        }
        self.layers = layers
        experts = first.experts
        ranks = first.ranks
    }

    /// The placement of one layer, counted from 0.
    public subscript(layer: Int) -> LayerPlacement { layers[layer] }

    /// Slots of one rank in each layer, `[layers]`.
    public func slotCounts(ofRank rank: Int) -> [Int] {
        layers.map { $0.slotNumbers(onRank: rank).count }
    }

    /// Slots of each rank over all layers, `[ranks]`, by which its routed weights are counted.
    public var slotsOfRank: [Int] {
        (0..<ranks).map { slotCounts(ofRank: $0).reduce(0, +) }
    }

    /// Slots of all ranks in all layers.
    public var slotCount: Int { layers.reduce(0) { $0 + $1.slots.count } }

    /// True when all layers are placed alike.
    public var isUniform: Bool { layers.allSatisfy { $0 == layers[0] } }
}

/// The reason for which experts cannot be placed as asked.
public struct PlacementError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found and what is allowed.
    public let description: String

    /// Create an error from the sentence that describes it.
    public init(_ description: String) {
        self.description = description
    }
}
