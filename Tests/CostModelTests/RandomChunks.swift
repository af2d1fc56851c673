import CostModel
import Tensors

/// Chunks with random stamps between 0 and 1000 ns, in order within each chunk.
func randomChunks(count: Int, seed: UInt64) -> [ChunkStamps] {
    let random = CounterRandom(seed: seed, purpose: .test)
    return (0..<count).map { chunk in
        let stamps = (0..<6).map { Int64(random.uniform(chunk * 6 + $0) * 1000) }.sorted()
        return ChunkStamps(
            handedOver: stamps[0],
            received: stamps[1],
            started: stamps[2],
            finished: stamps[3],
            returned: stamps[4],
            collected: stamps[5]
        )
    }
}

extension ChunkStamps {
    /// A chunk from its six stamps.
    init(
        _ handedOver: Int64,
        _ received: Int64,
        _ started: Int64,
        _ finished: Int64,
        _ returned: Int64,
        _ collected: Int64
    ) {
        self.init(
            handedOver: handedOver,
            received: received,
            started: started,
            finished: finished,
            returned: returned,
            collected: collected
        )
    }
}
