import Cluster
import MoE
import Testing

@Suite("Rows that travel")
struct SentRowsTests {
    @Test(arguments: UInt64(1)...80)
    func aRowTravelsOnceToEachRank(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        guard layer.plan.weightTarget == .output else { return }
        for part in layer.chunks(of: 1 + Int(seed) % 41).flatMap(\.ranks) {
            #expect(Set(part.inputRows).count == part.inputRows.count, "seed \(seed)")
            #expect(part.inputWeights == nil, "seed \(seed)")
            // In the order of first use: each row reads one that was read before, or the next one.
            var seen: Int32 = 0
            for row in part.sentRow {
                #expect(row <= seen, "seed \(seed)")
                seen = max(seen, row + 1)
            }
            #expect(Int(seen) == part.inputRows.count, "seed \(seed)")
        }
    }

    /// The same token times two weights is two rows.
    @Test(arguments: UInt64(1)...80)
    func weightedRowsTravelEachByItself(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed, presums: nil)
        guard layer.plan.weightTarget == .input else { return }
        for part in layer.chunks(of: 1 + Int(seed) % 41).flatMap(\.ranks) {
            #expect(part.sentRow == Array(0..<Int32(part.rows)), "seed \(seed)")
            #expect(part.inputRows.count == part.rows, "seed \(seed)")
            #expect(part.inputWeights?.count == part.rows, "seed \(seed)")
        }
    }
}
