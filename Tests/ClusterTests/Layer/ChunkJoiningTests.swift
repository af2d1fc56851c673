import Cluster
import MoE
import Testing

@Suite("Chunks of any size")
struct ChunkJoiningTests {
    /// All terms of a layer, token after token.
    private func terms(_ chunks: [DispatchChunk]) -> [[Summand?]] {
        chunks.flatMap { chunk in (0..<chunk.tokens.count).map { chunk.summands(ofToken: $0) } }
    }

    @Test(arguments: UInt64(1)...40)
    func chunksOfAnySizeGiveTheSameTerms(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed)
        let whole = terms(layer.chunks())
        #expect(whole.count == layer.plan.tokens, "seed \(seed)")
        for size in [1, 2, 7, 32] { #expect(terms(layer.chunks(of: size)) == whole, "seed \(seed), size \(size)") }
        for limit in [0, 300, 1000, 3000] {
            #expect(terms(layer.chunks(byteLimit: limit)) == whole, "seed \(seed), limit \(limit)")
        }
    }

    @Test(arguments: UInt64(1)...40)
    func anExpertGetsItsRowsInTheSameOrder(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        func rows(_ chunks: [DispatchChunk]) -> [[Int]: [Summand]] {
            Dictionary(grouping: chunks.flatMap(\.ranks).flatMap(\.summands)) { [$0.rank, $0.slot] }
        }
        let whole = rows(layer.chunks())
        for size in [1, 2, 7, 32] { #expect(rows(layer.chunks(of: size)) == whole, "seed \(seed), size \(size)") }
    }
}
