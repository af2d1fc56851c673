/// What bounds the steps of a run.
public struct StepBounds: Equatable, Sendable {
    /// Chunks of an exchange that are out at a time: one on its way there, one computed, one on its way back, and one to
    /// spare. More would only lie in queues and leave the caches before they are read.
    public static let chunksOut = 4

    /// Bytes that may be on their way to a rank and back or wait to be combined, `[ranks]`.
    public var credits: [Int]
    /// Chunks of an exchange that are out at a time.
    public var depth: Int
    /// From the routing of an exchange until its last result.
    public var patience: Nanoseconds
    /// Whether the coordinator computes the experts that every token visits itself.
    public var hasOwnExperts: Bool

    /// Limits of a run.
    public init(credits: [Int], depth: Int = chunksOut, patience: Nanoseconds, hasOwnExperts: Bool) {
        self.credits = credits
        self.depth = depth
        self.patience = patience
        self.hasOwnExperts = hasOwnExperts
    }
}

/// One rank's part of a chunk.
public struct PieceID: Hashable, Sendable {
    /// Running number of the exchange.
    public var exchange: UInt32
    /// Number of the chunk in its exchange.
    public var chunk: Int
    /// The rank.
    public var rank: Int

    /// Names a piece.
    public init(exchange: UInt32, chunk: Int, rank: Int) {
        self.exchange = exchange
        self.chunk = chunk
        self.rank = rank
    }
}

/// How far a piece of an exchange is.
public enum PieceProgress: Equatable, Sendable {
    /// There is no such piece, or it waits for credit.
    case notGiven
    /// Its rank has it.
    case out(ChunkWork, attempt: UInt32)
    /// Its result is here.
    case returned
}

/// An exchange that has not all its results in time.
public struct Overdue: Equatable, Sendable {
    /// Which one.
    public let exchange: ExchangeID
    /// Ranks that have not returned everything; none where only the coordinator's own experts are late.
    public let ranks: [Int]

    /// An exchange that is late.
    public init(exchange: ExchangeID, ranks: [Int]) {
        self.exchange = exchange
        self.ranks = ranks
    }
}
