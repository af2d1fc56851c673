import Cluster

/// One exchange of a simulated run: its chunks, how far each is, and what was seen of them.
struct SimulatedExchange {
    let id: ExchangeID
    /// The works of each chunk, one per rank that computes something for it.
    let chunks: [[ChunkWork]]
    let layouts: [BatchLayout]
    /// Chunks that were submitted.
    private(set) var submitted = 0
    private(set) var releasedChunks = 0
    var dispatchedAt: [Nanoseconds]
    /// How often each work was collected.
    private(set) var collected: [Int]

    /// Chunks of up to four ranks' rows each; some for nobody.
    init(_ id: ExchangeID, ranks: Int, random: inout SeededRandom) {
        self.id = id
        var chunks: [[ChunkWork]] = []
        var layouts: [BatchLayout] = []
        for chunk in 0..<Int.random(in: 0...5, using: &random) {
            var works: [ChunkWork] = []
            for rank in 0..<ranks where random.happens(0.7) {
                layouts.append(Self.layout(&random))
                works.append(ChunkWork(rank: rank, chunk: chunk, layout: layouts[layouts.count - 1]))
            }
            chunks.append(works)
        }
        self.chunks = chunks
        self.layouts = layouts
        dispatchedAt = layouts.map { _ in .max }
        collected = layouts.map { _ in 0 }
    }

    var works: [ChunkWork] { Array(chunks.joined()) }
    var isSubmitted: Bool { submitted == chunks.count }
    var isReleased: Bool { releasedChunks == chunks.count }

    /// The next chunk that is to be submitted, with its number.
    mutating func takeNext() -> (chunk: Int, works: [ChunkWork]) {
        submitted += 1
        return (submitted - 1, chunks[submitted - 1])
    }

    /// Notes a result.
    ///
    /// - Returns: the chunk, when this was its last.
    mutating func collect(_ index: Int) -> Int? {
        collected[index] += 1
        let chunk = works[index].chunk
        return indices(ofChunk: chunk).allSatisfy { collected[$0] > 0 } ? chunk : nil
    }

    mutating func release() { releasedChunks += 1 }

    /// The indices of a chunk's works.
    func indices(ofChunk chunk: Int) -> Range<Int> {
        let first = chunks[..<chunk].reduce(0) { $0 + $1.count }
        return first..<first + chunks[chunk].count
    }

    private static func layout(_ random: inout SeededRandom) -> BatchLayout {
        let segments = (0..<Int.random(in: 1...2, using: &random)).map { slot in
            BatchLayout.Segment(slot: slot, rows: .random(in: 1...30, using: &random))
        }
        let rows = segments.reduce(0) { $0 + $1.rows }
        return BatchLayout(
            segments: segments,
            sentRows: .random(in: (segments.map(\.rows).max() ?? 1)...rows, using: &random),
            hidden: 8,
            form: .singles
        )
    }
}
