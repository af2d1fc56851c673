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
        for row in 0..<20 {
            // Few different values, so that there are many ties.
            let scores = (0..<12).map { Double((random.uniform(row * 12 + $0) * 5).rounded(.down)) }
            selector.select(from: scores)
            let sorted = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
            let expected = sorted.prefix(count)
            #expect(selector.indices == expected.map { Int32($0) }, "seed \(seed)")
            #expect(selector.scores == expected.map { scores[$0] }, "seed \(seed)")
        }
    }
}
