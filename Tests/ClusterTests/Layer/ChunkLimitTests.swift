import Cluster
import MoE
import SimulatedNetwork
import TestSupport
import Testing

@Suite("Limits of a chunk")
struct ChunkLimitTests {
    @Test(arguments: UInt64(1)...80)
    func chunksCoverTheTokensInOrder(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let size = Int.random(in: 1...20, using: &random)
        let limit = Int.random(in: 1...4000, using: &random)
        let layer = try RandomLayer(seed: seed, presums: nil)
        let chunks = layer.chunks(of: size, byteLimit: limit)
        #expect(chunks.flatMap { Array($0.tokens) } == Array(0..<layer.plan.tokens), "seed \(seed)")
        #expect(chunks.allSatisfy { (1...size).contains($0.tokens.count) }, "seed \(seed)")
        #expect(chunks.allSatisfy { $0.termOffsets.count == $0.tokens.count + 1 }, "seed \(seed)")
    }

    /// What a chunk takes of one rank's credit, unless all of it is one token's.
    @Test(arguments: UInt64(1)...80)
    func theBytesOfARankKeepTheLimit(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        for limit in stride(from: 90 + Int(seed), to: 1500, by: 97) {
            for part in layer.chunks(byteLimit: limit).flatMap(\.ranks) where !isOfOneToken(part, layer) {
                let bytes = ChunkWork(rank: part.rank, layout: layout(part, layer)).bytes
                #expect(bytes <= limit, "seed \(seed): \(bytes) bytes where \(limit) are allowed")
            }
        }
    }

    private func isOfOneToken(_ part: RankChunk, _ layer: RandomLayer) -> Bool {
        Set(part.inputRows.map { Int($0) % layer.plan.tokens }).count == 1
    }

    private func layout(_ part: RankChunk, _ layer: RandomLayer) -> BatchLayout {
        BatchLayout(segments: part.segments, sentRows: part.inputRows.count, hidden: 8, form: layer.form)
    }

    /// No rank gets two tokens where nothing fits, and no token is cut.
    @Test(arguments: UInt64(1)...20)
    func oneTokenMayPassTheLimit(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        let chunks = layer.chunks(byteLimit: 0)
        #expect(chunks.flatMap { Array($0.tokens) } == Array(0..<layer.plan.tokens), "seed \(seed)")
        #expect(chunks.flatMap(\.ranks).allSatisfy { isOfOneToken($0, layer) }, "seed \(seed)")
    }

    /// A chunk ends where the next token would not have fit, not before.
    @Test(arguments: UInt64(1)...80)
    func aChunkIsNotCutWithoutNeed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let layer = try RandomLayer(seed: seed, presums: nil)
        let limit = Int.random(in: 200...3000, using: &random)
        let layout = BatchLayout(segments: [], sentRows: 0, hidden: 8, form: layer.form)
        // Beside a row there are at most 8 bytes of segment, 4 of weight and 4 of index.
        let rowBytes = layout.sentRowBytes + layout.replyRowBytes + 16
        for chunk in layer.chunks(byteLimit: limit).dropLast() {
            let next = layer.summands(ofToken: chunk.tokens.upperBound)
            let rows = next.map { summand in
                (chunk.part(ofRank: Int32(summand.rank))?.rows ?? 0) + next.count { $0.rank == summand.rank }
            }
            // Beside all rows there are at most 63 bytes that round up.
            let most = (rows.max() ?? 0) * rowBytes + 63
            #expect(most > limit, "seed \(seed): \(most) bytes where \(limit) are allowed")
        }
    }
}
