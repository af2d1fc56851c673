internal import Cluster
internal import CostModel

/// What was seen of one rank in one exchange.
struct RankObservation: Sendable {
    let rank: Int
    private(set) var copies = 0
    private(set) var sharedTokens = 0
    /// Bytes sent and received: envelopes and payloads.
    private(set) var dispatchBytes = 0
    private(set) var combineBytes = 0
    var stamps: [ChunkStamps] = []

    init(rank: Int) {
        self.rank = rank
    }

    mutating func add(_ part: RankChunk, _ work: ChunkWork) {
        copies += part.routedRows
        sharedTokens += part.rows - part.routedRows
        dispatchBytes += Envelope.byteCount + work.dispatchBytes
        combineBytes += Envelope.byteCount + work.replyBytes
    }
}
