import MoE
import Placement
import Tensors
import Testing

@testable import Records

@Suite("Traffic between ranks")
struct TrafficMatrixTests {
    /// Four tokens on two ranks; token 0 needs rank 1 twice, token 1 lost a copy, token 3 lost both.
    @Test func rowsAreCountedPerCopyAndPerRank() throws {
        let plan = DispatchPlan(
            experts: 4,
            copyOffsets: [0, 2, 4, 6, 8],
            expert: [2, 3, 0, 3, 1, 2, 0, 1],
            weight: [Float](repeating: 0.5, count: 8),
            position: [0, 0, 0, -1, 0, 1, -1, -1]
        )
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 4, ranks: 2)
        let traffic = TrafficMatrix(plan: plan, placement: placement, dispatchRowBytes: 64, combineRowBytes: 32)
        #expect(traffic.naiveRows == [1, 2, 1, 1])
        #expect(traffic.deduplicatedRows == [1, 1, 1, 1])
        #expect(traffic.naiveTotal == 5)
        #expect(traffic.deduplicatedTotal == 4)
        #expect(traffic.dispatchRowBytes == 64)
        #expect(traffic.combineRowBytes == 32)
    }

    /// Expected ranks per token under uniform choice of k of E experts on D ranks: D (1 - C(E - E/D, k) / C(E, k)).
    @Test(arguments: [(64, 8, 6), (32, 4, 2), (256, 8, 8), (16, 16, 4)])
    func uniformChoiceReachesTheExpectedNumberOfRanks(experts: Int, ranks: Int, topK: Int) throws {
        let tokens = 4000
        let seed: UInt64 = 11
        let plan = uniformPlan(tokens: tokens, experts: experts, topK: topK, seed: seed)
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: experts, ranks: ranks)
        let traffic = TrafficMatrix(plan: plan, placement: placement, dispatchRowBytes: 1, combineRowBytes: 1)
        let others = experts - experts / ranks
        let missed = (0..<topK).reduce(1.0) { $0 * Double(others - $1) / Double(experts - $1) }
        let expected = Double(ranks) * (1 - missed)
        let found = Double(traffic.deduplicatedTotal) / Double(tokens)
        // The number of ranks of one token lies in 1...topK, so its standard deviation is at most topK / 2.
        let tolerance = 4 * Double(topK) / 2 / Double(tokens).squareRoot()
        #expect(abs(found - expected) < tolerance, "seed \(seed): found \(found), expected \(expected)")
        #expect(traffic.naiveTotal == tokens * topK)
        let rowsOfSource = (0..<ranks).map { traffic.naiveRows[$0 * ranks..<($0 + 1) * ranks].reduce(0, +) }
        #expect(rowsOfSource == [Int](repeating: tokens / ranks * topK, count: ranks))
    }

    /// A plan without drops in which every token chooses `topK` different experts, all sets equally likely.
    private func uniformPlan(tokens: Int, experts: Int, topK: Int, seed: UInt64) -> DispatchPlan {
        let random = CounterRandom(seed: seed, purpose: .test)
        var chosen: [Int32] = []
        for token in 0..<tokens {
            var deck = Array(0..<Int32(experts))
            for draw in 0..<topK {
                let pick = draw + Int(random.uniform(token * topK + draw) * Float(experts - draw))
                deck.swapAt(draw, pick)
            }
            chosen += deck[..<topK]
        }
        return DispatchPlan(
            experts: experts,
            copyOffsets: Array(stride(from: 0, through: tokens * topK, by: topK)),
            expert: chosen,
            weight: [Float](repeating: 1, count: chosen.count),
            position: [Int32](repeating: 0, count: chosen.count)
        )
    }
}
