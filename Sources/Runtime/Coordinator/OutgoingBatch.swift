internal import Cluster
internal import Tensors

/// One chunk of a layer's dispatch, ready to be handed over.
struct OutgoingBatch: Sendable {
    let work: ChunkWork
    let rows: Range<Int>
    let payload: AlignedBuffer
}
