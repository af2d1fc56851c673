/// The chunks of one layer: which are waiting for credit, out, or back.
struct LayerProgress: Equatable, Sendable {
    let step: UInt32
    let layer: UInt32
    let deadline: Nanoseconds
    let chunks: [ChunkWork]

    /// Indices of `chunks` that wait for credit, per rank, next one last.
    var waiting: [[Int]]
    /// For each chunk, whether its result was collected.
    var collected: [Bool]
    var missing: Int

    init(step: UInt32, layer: UInt32, deadline: Nanoseconds, chunks: [ChunkWork], ranks: Int) {
        self.step = step
        self.layer = layer
        self.deadline = deadline
        self.chunks = chunks
        collected = [Bool](repeating: false, count: chunks.count)
        missing = chunks.count
        waiting = [[Int]](repeating: [], count: ranks)
        for index in chunks.indices.reversed() { waiting[chunks[index].rank].append(index) }
    }

    /// The index in `chunks` of chunk number `chunk` of `rank`.
    func index(rank: Int, chunk: Int) -> Int? {
        chunks.firstIndex { $0.rank == rank && $0.chunk == chunk }
    }
}
