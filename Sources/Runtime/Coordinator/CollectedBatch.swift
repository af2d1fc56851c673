internal import Cluster
internal import CostModel
internal import Transport

/// The result of one chunk, with all its stamps on the coordinator's clock.
struct CollectedBatch: Sendable {
    let rank: Int
    let rows: Range<Int>
    let payload: ReceivedFrame
    let stamps: ChunkStamps
}
