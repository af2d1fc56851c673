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
        let traffic = TrafficMatrix(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            dispatchRowBytes: 64,
            combineRowBytes: 32
        )
        #expect(traffic.naiveRows == [1, 2, 1, 1])
        #expect(traffic.deduplicatedRows == [1, 1, 1, 1])
        #expect(traffic.naiveTotal == 5)
        #expect(traffic.deduplicatedTotal == 4)
        #expect(traffic.dispatchRowBytes == 64)
        #expect(traffic.combineRowBytes == 32)
    }

    /// Three tokens of rank 1 and one of rank 0: by runs, and named one by one in another order.
    @Test func rowsComeFromTheOwnersOfTokens() throws {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 1, 2, 4, 5],
            expert: [0, 1, 0, 1, 0],
            weight: [Float](repeating: 1, count: 5),
            position: [0, 0, 1, 1, 2]
        )
        let slots = SlotPlan(plan, placement: try LayerPlacement(experts: 2, expertsOfRank: [[0], [1]]))
        func rows(_ sources: SourceRanks) -> [Int] {
            TrafficMatrix(plan: plan, slots: slots, dispatchRowBytes: 1, combineRowBytes: 1, sources: sources).naiveRows
        }
        #expect(rows(SourceRanks(counts: [1, 3])) == [1, 0, 2, 2])
        #expect(rows(SourceRanks(counts: [4, 0])) == [3, 2, 0, 0])
        #expect(rows(SourceRanks(tokens: 4, ranks: 2, listed: [1, 0, 1, 1], counts: nil)) == [0, 1, 3, 1])
    }

    /// Expert 0 has a slot on both ranks: even tokens go to rank 0, odd ones to rank 1.
    @Test func aReplicaIsReachedAtTheRankOfItsSlot() throws {
        let plan = DispatchPlan(
            experts: 3,
            copyOffsets: [0, 2, 4, 6, 7],
            expert: [0, 1, 0, 2, 0, 2, 0],
            weight: [Float](repeating: 0.5, count: 7),
            position: [0, 0, 1, 0, -1, 1, 2]
        )
        let placement = try LayerPlacement(experts: 3, expertsOfRank: [[1, 0], [0, 2]])
        let slots = SlotPlan(plan, placement: placement)
        let traffic = TrafficMatrix(plan: plan, slots: slots, dispatchRowBytes: 64, combineRowBytes: 32)
        // Tokens 0 and 1 are rank 0's: 0 needs rank 0 twice, 1 needs rank 1 twice; 2 and 3 need rank 1 once.
        #expect(traffic.naiveRows == [2, 2, 0, 2])
        #expect(traffic.deduplicatedRows == [1, 1, 0, 2])
    }

    /// Rows of a rank are the copies of its slots, and all of them the kept copies.
    @Test(arguments: UInt64(1)...20)
    func rowsAddUpToTheCopiesOfSlotsAndExperts(seed: UInt64) throws {
        let plan = uniformPlan(tokens: 101, experts: 12, topK: 3, seed: seed)
        let random = CounterRandom(seed: seed, purpose: .test)
        let held = (0..<4).map { rank in
            (0..<12).filter { $0 % 4 == rank || random.uniform(100_000 + rank * 12 + $0) < 0.3 }
        }
        let placement = try LayerPlacement(experts: 12, expertsOfRank: held)
        let slots = SlotPlan(plan, placement: placement)
        let traffic = TrafficMatrix(plan: plan, slots: slots, dispatchRowBytes: 1, combineRowBytes: 1)
        let copies = slots.copiesOfSlot
        for rank in 0..<4 {
            let rows = (0..<4).reduce(0) { $0 + traffic.naiveRows[$1 * 4 + rank] }
            #expect(rows == copies[placement.slotNumbers(onRank: rank)].reduce(0, +), "seed \(seed), rank \(rank)")
        }
        #expect(traffic.naiveTotal == ExpertLoads(plan).kept.reduce(0, +), "seed \(seed)")
    }

    /// Expected ranks per token under uniform choice of k of E experts on D ranks: D (1 - C(E - E/D, k) / C(E, k)).
    @Test(arguments: [(64, 8, 6), (32, 4, 2), (256, 8, 8), (16, 16, 4)])
    func uniformChoiceReachesTheExpectedNumberOfRanks(experts: Int, ranks: Int, topK: Int) throws {
        let tokens = 4000
        let seed: UInt64 = 11
        let plan = uniformPlan(tokens: tokens, experts: experts, topK: topK, seed: seed)
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: experts, ranks: ranks)
        let traffic = TrafficMatrix(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            dispatchRowBytes: 1,
            combineRowBytes: 1
        )
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
