/// The chunks of one layer: which are waiting for credit, out, or back.
struct LayerProgress: Equatable, Sendable {
    /// How far a chunk is.
    enum Stage: Equatable, Sendable {
        case waiting
        case sent
        case collected
    }

    let step: UInt32
    let layer: UInt32
    let deadline: Nanoseconds
    let chunks: [ChunkWork]

    /// Indices of `chunks` that wait for credit, per rank, next one last.
    var waiting: [[Int]]
    /// How far each chunk is.
    var stages: [Stage]
    /// Chunks that are not collected.
    var missing: Int

    init(step: UInt32, layer: UInt32, deadline: Nanoseconds, chunks: [ChunkWork], ranks: Int) {
        self.step = step
        self.layer = layer
        self.deadline = deadline
        self.chunks = chunks
        stages = [Stage](repeating: .waiting, count: chunks.count)
        missing = chunks.count
        waiting = [[Int]](repeating: [], count: ranks)
        for index in chunks.indices.reversed() { waiting[chunks[index].rank].append(index) }
    }

    /// The index in `chunks` of chunk number `chunk` of `rank`.
    func index(rank: Int, chunk: Int) -> Int? {
        chunks.firstIndex { $0.rank == rank && $0.chunk == chunk }
    }
}
