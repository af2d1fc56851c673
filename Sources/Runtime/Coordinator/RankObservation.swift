internal import Cluster
internal import Records

/// What was seen of one rank in one exchange.
struct RankObservation: Sendable {
    let rank: Int
    private(set) var sharedTokens = 0
    /// The chunks that came back, with their stamps as they were taken.
    var chunks: [ChunkTrack] = []

    init(rank: Int) {
        self.rank = rank
    }

    var stamps: [ChunkStamps] { chunks.map(\.stamps) }
    /// Routed copies.
    var copies: Int { chunks.reduce(0) { $0 + $1.copies } }
    /// Bytes sent: envelopes and payloads.
    var dispatchBytes: Int { chunks.reduce(0) { $0 + $1.dispatchBytes } }
    /// Bytes received: envelopes and payloads.
    var combineBytes: Int { chunks.reduce(0) { $0 + $1.combineBytes } }

    mutating func add(_ part: RankChunk, _ work: ChunkWork, _ stamps: ChunkStamps) {
        sharedTokens += part.rows - part.routedRows
        let chunk = ChunkTrack(
            stamps: stamps,
            copies: part.routedRows,
            dispatchBytes: Envelope.byteCount + work.dispatchBytes,
            combineBytes: Envelope.byteCount + work.replyBytes
        )
        chunks.append(chunk)
    }
}
