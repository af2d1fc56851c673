/// A rule that gives every expert one slot.
public enum PlacementPolicy: String, Codable, CaseIterable, Sendable {
    /// Experts in runs: the first rank holds the first experts, and so on. When the experts do not divide evenly, the
    /// first ranks hold one more.
    case contiguous
    /// Expert e is on rank e mod R.
    case roundRobin = "round-robin"

    /// Places the experts of `layers` layers on `ranks` ranks, every layer alike.
    ///
    /// - Throws: ``PlacementError`` when there is no layer, no rank, or more ranks than experts.
    public func placement(layers: Int, experts: Int, ranks: Int) throws(PlacementError) -> Placement {
        let layer = try layerPlacement(experts: experts, ranks: ranks)
        return try Placement(layers: [LayerPlacement](repeating: layer, count: max(layers, 0)))
    }

    /// Places the experts of one layer on `ranks` ranks.
    ///
    /// - Throws: ``PlacementError`` when there is no rank, or more ranks than experts.
    public func layerPlacement(experts: Int, ranks: Int) throws(PlacementError) -> LayerPlacement {
        guard ranks >= 1 else { throw PlacementError("\(ranks) ranks were asked for; at least 1 is needed") }
        guard ranks <= experts else {
            throw PlacementError("\(ranks) ranks for \(experts) experts; there may be at most one rank per expert")
        }
        let expertsOfRank = (0..<ranks).map { rank in
            switch self {
            case .contiguous: Array(EvenSplit(count: experts, parts: ranks).range(ofPart: rank))
            case .roundRobin: Array(stride(from: rank, to: experts, by: ranks))
            }
        }
        return try LayerPlacement(experts: experts, expertsOfRank: expertsOfRank)
    }
}
