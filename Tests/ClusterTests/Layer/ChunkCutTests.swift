@testable import Cluster
import Testing

@Suite("Cut into chunks")
struct ChunkCutTests {
    @Test(arguments: UInt64(1)...60)
    func chunksCoverTheBatchInOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let limit = Int.random(in: 1...20, using: &random)
        for batch in try RandomLayer(seed: seed).batches.ranks {
            let chunks = ChunkCut.cut(batch, limit: limit, block: 1)
            #expect(chunks.flatMap { Array($0.rows) } == Array(0..<batch.rows), "seed \(seed)")
            #expect(chunks.dropLast().allSatisfy { $0.rows.count == limit }, "seed \(seed)")
            #expect(chunks.allSatisfy { (1...limit).contains($0.rows.count) }, "seed \(seed)")
            for chunk in chunks {
                #expect(chunk.segments.reduce(0) { $0 + $1.rows } == chunk.rows.count, "seed \(seed)")
                #expect(chunk.segments.allSatisfy { $0.rows > 0 }, "seed \(seed)")
            }
            // Row by row, chunks name the same slots as the batch does.
            let slots = chunks.flatMap(\.segments).flatMap { [Int](repeating: $0.slot, count: $0.rows) }
            #expect(slots == batch.segments.flatMap { [Int](repeating: $0.slot, count: $0.rows) }, "seed \(seed)")
        }
    }

    @Test func aSegmentIsCutWhereTheLimitFalls() throws {
        let layer = try RandomLayer(seed: 3)
        let batch = try #require(layer.batches.ranks.max { $0.rows < $1.rows })
        let whole = ChunkCut.cut(batch, limit: batch.rows, block: 1)
        #expect(whole.map(\.rows) == [0..<batch.rows])
        #expect(whole[0].segments == batch.segments)
        #expect(ChunkCut.cut(batch, limit: 1, block: 1).count == batch.rows)
    }

    /// Whatever the limit, every piece of a segment but its last is a whole number of blocks.
    @Test(arguments: 8...40)
    func segmentsAreCutBetweenBlocks(limit: Int) {
        let segments = [3, 8, 41, 1, 16].enumerated().map { BatchLayout.Segment(slot: $0, rows: $1) }
        let tokens = [Int32](repeating: 0, count: 69)
        let weights = [Float](repeating: 1, count: 69)
        let batch = RankBatch(
            rank: 0,
            inputRows: tokens,
            inputWeights: nil,
            weights: weights,
            segments: segments,
            routedRows: 69
        )
        let chunks = ChunkCut.cut(batch, limit: limit, block: 8)
        #expect(chunks.flatMap(\.rows) == Array(0..<69))
        for chunk in chunks {
            #expect(chunk.rows.count <= limit)
            #expect(chunk.segments.map(\.rows).reduce(0, +) == chunk.rows.count)
        }
        for (slot, segment) in segments.enumerated() {
            let pieces = chunks.flatMap(\.segments).filter { $0.slot == slot }.map(\.rows)
            #expect(pieces.reduce(0, +) == segment.rows)
            #expect(pieces.dropLast().allSatisfy { $0 % 8 == 0 })
        }
    }
}
