/// The name of a piece: one rank's part of a chunk.
public struct PieceID: Hashable, Sendable {
    /// The running number of the exchange.
    public var exchange: UInt32
    /// The number of the chunk in its exchange.
    public var chunk: Int
    /// The rank that computes the piece.
    public var rank: Int

    /// The name of a piece.
    public init(exchange: UInt32, chunk: Int, rank: Int) {
        self.exchange = exchange
        self.chunk = chunk
        self.rank = rank
    }
}

/// The progress of a piece of an exchange.
public enum PieceProgress: Equatable, Sendable {
    /// The piece is not sent: it does not exist, or waits for credit of its rank.
    case notGiven
    /// The piece was sent to its rank, and its result has not arrived.
    case out(ChunkWork, attempt: UInt32)
    /// The piece's result has arrived.
    case returned
}

/// One batch that a worker will compute as a whole: the rows of a chunk for one rank.
public struct ChunkWork: Equatable, Sendable {
    /// The rank that computes the batch.
    public var rank: Int
    /// Rows that the experts compute.
    public var rows: Int
    /// Rows that travel to the rank.
    public var sentRows: Int
    /// The number of entries in the segment table of the payload.
    public var segments: Int
    /// Bytes of the dispatch payload.
    public var dispatchBytes: Int
    /// Bytes of the result payload.
    public var replyBytes: Int

    /// The work of a rank's part of a chunk, by the layout of its payload.
    public init(rank: Int, layout: BatchLayout) {
        self.rank = rank
        rows = layout.rows
        sentRows = layout.sentRows
        segments = layout.segments.count
        dispatchBytes = layout.byteCount
        replyBytes = layout.replyByteCount
    }

    /// Work without rows or bytes, for a simulation that needs the rank alone.
    public init(rank: Int) {
        self.rank = rank
        (rows, sentRows, segments, dispatchBytes, replyBytes) = (0, 0, 0, 0, 0)
    }

    /// Bytes of both payloads, which count against the credit of the rank.
    public var bytes: Int { dispatchBytes + replyBytes }
}
