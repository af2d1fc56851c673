/// The pieces of one rank in one layer of one step, moment by moment.
public struct RankTrack: Equatable, Sendable {
    /// The rank.
    public var rank: Int
    /// The phases of the rank and of the coordinator in order of time. They cover the layer without gaps, and those of
    /// one phase sum to its seconds in the layer's ``LayerRecord``.
    public var pieces: [PhasePiece]
    /// The chunks that went to the rank for this layer, in order of dispatch.
    public var chunks: [ChunkTrack]

    /// A rank.
    public init(rank: Int, pieces: [PhasePiece], chunks: [ChunkTrack]) {
        self.rank = rank
        self.pieces = pieces
        self.chunks = chunks
    }
}
