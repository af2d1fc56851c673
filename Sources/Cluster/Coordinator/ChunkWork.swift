/// One batch that a worker will compute as a whole: the rows of a chunk for one rank.
public struct ChunkWork: Equatable, Sendable {
    /// Rank that computes it.
    public var rank: Int
    /// Index of the chunk in its exchange.
    public var chunk: Int
    /// Rows that the experts compute.
    public var rows: Int
    /// Rows that travel to the rank.
    public var sentRows: Int
    /// Entries of the segment table.
    public var segments: Int
    /// Bytes of the dispatch payload.
    public var dispatchBytes: Int
    /// Bytes of the result payload.
    public var replyBytes: Int
    /// How often it was sent before.
    public var attempt: UInt32 = 0

    /// The work that a rank's part of a chunk is.
    public init(rank: Int, chunk: Int, layout: BatchLayout) {
        self.rank = rank
        self.chunk = chunk
        rows = layout.rows
        sentRows = layout.sentRows
        segments = layout.segments.count
        dispatchBytes = layout.byteCount
        replyBytes = layout.replyByteCount
    }

    /// What it takes of the credit of its rank.
    var bytes: Int { dispatchBytes + replyBytes }
}
