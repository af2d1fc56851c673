internal import Cluster
internal import CostModel

/// What was seen of one rank in one layer.
struct RankObservation: Sendable {
    let rank: Int
    let copies: Int
    let sharedTokens: Int
    let dispatchBytes: Int
    let combineBytes: Int
    let stamps: [ChunkStamps]

    init(_ batch: RankBatch, _ results: LayerResults) {
        rank = batch.rank
        copies = batch.routedRows
        sharedTokens = batch.rows - batch.routedRows
        dispatchBytes = results.dispatchBytes[batch.rank]
        combineBytes = results.combineBytes[batch.rank]
        stamps = results.collected.filter { $0.rank == batch.rank }.map(\.stamps)
    }

    func record(_ timeline: RankTimeline) -> RankRecord {
        RankRecord(
            rank: rank,
            copies: copies,
            sharedTokens: sharedTokens,
            dispatchBytes: dispatchBytes,
            combineBytes: combineBytes,
            seconds: timeline.seconds,
            dispatchInFlightSeconds: timeline.dispatchInFlightSeconds,
            combineInFlightSeconds: timeline.combineInFlightSeconds
        )
    }
}
