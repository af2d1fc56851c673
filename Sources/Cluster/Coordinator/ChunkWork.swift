/// One batch that a worker will compute as a whole.
public struct ChunkWork: Equatable, Sendable {
    /// Rank that computes it.
    public var rank: Int
    /// Index among the chunks of its rank in this layer.
    public var chunk: Int
    /// Token rows.
    public var rows: Int
    /// Entries of the segment table.
    public var segments: Int
    /// Bytes of the dispatch payload.
    public var dispatchBytes: Int
    /// Bytes of the result payload.
    public var replyBytes: Int

    /// A chunk.
    public init(rank: Int, chunk: Int, rows: Int, segments: Int, dispatchBytes: Int, replyBytes: Int) {
        self.rank = rank
        self.chunk = chunk
        self.rows = rows
        self.segments = segments
        self.dispatchBytes = dispatchBytes
        self.replyBytes = replyBytes
    }
}
