internal import Tensors
internal import Cluster
internal import CostModel
internal import Transport

/// The payloads, stamps and results of the layer that is under way.
struct LayerInFlight {
    private let batches: [OutgoingBatch]
    private var handedOver: [Nanoseconds]

    private(set) var results: LayerResults
    var isComplete = false

    init(batches: [OutgoingBatch], ranks: Int) {
        self.batches = batches
        handedOver = [Nanoseconds](repeating: 0, count: batches.count)
        results = LayerResults(
            collected: [],
            dispatchBytes: [Int](repeating: 0, count: ranks),
            combineBytes: [Int](repeating: 0, count: ranks)
        )
    }

    func payload(_ index: Int) -> OutgoingFrame {
        .buffer(batches[index].payload)
    }

    mutating func handOver(_ index: Int, at now: Nanoseconds) {
        handedOver[index] = now
        results.dispatchBytes[batches[index].work.rank] += Envelope.byteCount + batches[index].payload.byteCount
    }

    mutating func collect(_ index: Int, parcel: Parcel?, stamps: WorkerStamps, at now: Nanoseconds) {
        guard let parcel, let payload = parcel.payload else {
            preconditionFailure("a result that the protocol accepted has rows")
        }
        let rank = batches[index].work.rank
        results.combineBytes[rank] += parcel.byteCount
        results.collected.append(
            CollectedBatch(
                rank: rank,
                rows: batches[index].rows,
                payload: payload,
                stamps: ChunkStamps(
                    handedOver: handedOver[index],
                    received: stamps.received,
                    started: stamps.started,
                    finished: stamps.finished,
                    returned: stamps.returned,
                    collected: now
                )
            )
        )
    }
}
