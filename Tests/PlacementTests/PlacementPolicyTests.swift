import Testing

@testable import Placement

@Suite("Placement policies")
struct PlacementPolicyTests {
    @Test func contiguousGivesTheFirstRanksOneMore() throws {
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 8, ranks: 3)
        #expect((0..<3).map { placement.experts(onRank: $0) } == [[0, 1, 2], [3, 4, 5], [6, 7]])
        #expect((0..<8).map { placement.ranks(ofExpert: $0) } == [[0], [0], [0], [1], [1], [1], [2], [2]])
    }

    @Test func roundRobinPutsExpertOnItsRemainder() throws {
        let placement = try PlacementPolicy.roundRobin.layerPlacement(experts: 8, ranks: 3)
        #expect((0..<3).map { placement.experts(onRank: $0) } == [[0, 3, 6], [1, 4, 7], [2, 5]])
        #expect((0..<8).map { placement.ranks(ofExpert: $0) } == [[0], [1], [2], [0], [1], [2], [0], [1]])
    }

    @Test(arguments: [PlacementPolicy.contiguous, .roundRobin, .random])
    func everyExpertHasOneSlotAndRanksDifferByOne(policy: PlacementPolicy) throws {
        for experts in 1...20 {
            for ranks in 1...experts {
                let placement = try policy.layerPlacement(experts: experts, ranks: ranks)
                #expect(placement.slots.map(\.expert).sorted() == Array(0..<experts), "\(experts) on \(ranks)")
                let counts = (0..<ranks).map { placement.slots(onRank: $0).count }
                #expect(counts.allSatisfy { $0 == experts / ranks || $0 == (experts - 1) / ranks + 1 })
                #expect(counts == counts.sorted(by: >))
                for slot in placement.slots {
                    #expect(placement.ranks(ofExpert: slot.expert) == [slot.rank])
                    #expect(placement.experts(onRank: slot.rank)[slot.localIndex] == slot.expert)
                }
            }
        }
    }

    @Test func impossibleCountsAreRefused() {
        #expect(throws: PlacementError("0 ranks were asked for; at least 1 is needed")) {
            try PlacementPolicy.contiguous.layerPlacement(experts: 8, ranks: 0)
        }
        #expect(
            throws: PlacementError("9 ranks for 8 experts; there may be at most one rank per expert, or one per slot")
        ) {
            try PlacementPolicy.roundRobin.layerPlacement(experts: 8, ranks: 9)
        }
    }

    @Test func namesAreTheOnesOfTheConfiguration() {
        #expect(
            PlacementPolicy.allCases.map(\.rawValue) == [
                "contiguous", "round-robin", "random", "eplb", "eplb-global", "eplb-hierarchical", "eplb-kept-slots",
                "snake",
                "hottest-everywhere", "affinity", "affinity-capped", "busiest-rank",
            ]
        )
    }
}
