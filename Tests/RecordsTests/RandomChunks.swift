import Records
import Tensors

/// Chunks with random stamps between 0 and 1000 ns, in order within each chunk.
func randomChunks(count: Int, seed: UInt64) -> [ChunkStamps] {
    let random = CounterRandom(seed: seed, purpose: .test)
    return (0..<count).map { chunk in
        let stamps = (0..<7).map { Int64(random.uniform(chunk * 7 + $0) * 1000) }.sorted()
        return ChunkStamps(
            ready: stamps[0],
            handedOver: stamps[1],
            received: stamps[2],
            started: stamps[3],
            finished: stamps[4],
            returned: stamps[5],
            collected: stamps[6]
        )
    }
}

extension ChunkStamps {
    /// A chunk from its stamps; it was ready when it was handed over, unless told otherwise.
    init(
        ready: Int64? = nil,
        _ handedOver: Int64,
        _ received: Int64,
        _ started: Int64,
        _ finished: Int64,
        _ returned: Int64,
        _ collected: Int64
    ) {
        self.init(
            ready: ready ?? handedOver,
            handedOver: handedOver,
            received: received,
            started: started,
            finished: finished,
            returned: returned,
            collected: collected
        )
    }
}
