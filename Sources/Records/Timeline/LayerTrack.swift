/// The pieces of one layer of one step, moment by moment.
public struct LayerTrack: Equatable, Sendable {
    /// Index of the MoE layer.
    public var layer: Int
    /// From the end of the layer before to its own, in nanoseconds.
    public var span: Range<Int64>
    /// What each rank did, in rank order.
    public var ranks: [RankTrack]

    /// A layer.
    public init(layer: Int, span: Range<Int64>, ranks: [RankTrack]) {
        self.layer = layer
        self.span = span
        self.ranks = ranks
    }
}
