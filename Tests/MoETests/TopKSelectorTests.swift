import Tensors
import Testing

@testable import MoE

@Suite("Top-k selection")
struct TopKSelectorTests {
    @Test(arguments: UInt64(1)...30)
    func itIsTheHeadOfAStableSort(seed: UInt64) {
        let random = CounterRandom(seed: seed, purpose: .test)
        let count = 1 + Int(seed % 12)
        var selector = TopKSelector(count: count)
        for row in 0..<200 {
            let width = 12 + Int(random.word(row) % 130)
            // Few different values, so that there are many ties.
            let scores = (0..<width).map { Double((random.uniform(200 + row * 142 + $0) * 9).rounded(.down)) }
            selector.select(from: scores)
            let sorted = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
            let expected = sorted.prefix(count)
            #expect(selector.indices == expected.map { Int32($0) }, "seed \(seed)")
            #expect(selector.scores == expected.map { scores[$0] }, "seed \(seed)")
        }
    }
}
