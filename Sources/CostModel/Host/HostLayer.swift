/// The work of one layer in one step, for the coordinator and for each rank.
public struct HostLayer: Equatable, Sendable {
    /// What it asks of one rank.
    public struct Rank: Equatable, Sendable {
        /// Rows of each routed expert that has any.
        public var expertRows: [Double]
        /// Rows of each common expert; 0 where the coordinator computes them.
        public var sharedRows: Double
        /// Rows that travel there.
        public var sentRows: Double
        /// Rows that travel back.
        public var replyRows: Double

        /// The rows of a rank.
        public init(expertRows: [Double], sharedRows: Double = 0, sentRows: Double, replyRows: Double) {
            self.expertRows = expertRows
            self.sharedRows = sharedRows
            self.sentRows = sentRows
            self.replyRows = replyRows
        }
    }

    /// Tokens of the layer.
    public var tokens: Double
    /// Chunks that they travel in.
    public var chunks: Int
    /// One per rank.
    public var ranks: [Rank]

    /// The work of a layer.
    public init(tokens: Double, chunks: Int, ranks: [Rank]) {
        self.tokens = tokens
        self.chunks = max(1, chunks)
        self.ranks = ranks
    }

    /// One of its chunks; all are alike.
    var chunk: HostLayer {
        let part = 1 / Double(chunks)
        let ranks = ranks.map { rank in
            Rank(
                expertRows: rank.expertRows.map { $0 * part },
                sharedRows: rank.sharedRows * part,
                sentRows: rank.sentRows * part,
                replyRows: rank.replyRows * part
            )
        }
        return HostLayer(tokens: tokens * part, chunks: 1, ranks: ranks)
    }
}
