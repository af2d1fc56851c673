/// One batch that a worker will compute as a whole: the rows of a chunk for one rank.
public struct ChunkWork: Equatable, Sendable {
    /// Rank that computes it.
    public var rank: Int
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

    /// The work that a rank's part of a chunk is.
    public init(rank: Int, layout: BatchLayout) {
        self.rank = rank
        rows = layout.rows
        sentRows = layout.sentRows
        segments = layout.segments.count
        dispatchBytes = layout.byteCount
        replyBytes = layout.replyByteCount
    }

    /// Work for a rank that is not carried out, and so has no rows.
    public init(rank: Int) {
        self.rank = rank
        (rows, sentRows, segments, dispatchBytes, replyBytes) = (0, 0, 0, 0, 0)
    }

    /// What it takes of the credit of its rank.
    var bytes: Int { dispatchBytes + replyBytes }
}
