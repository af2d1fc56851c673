import Testing

@testable import Placement

@Suite("Placement of one layer")
struct LayerPlacementTests {
    @Test func anExpertMayHaveSeveralSlots() throws {
        let placement = try LayerPlacement(experts: 3, expertsOfRank: [[2, 0], [1, 2]])
        #expect(placement.slots.count == 4)
        #expect(placement.hasReplicas)
        #expect((0..<3).map { placement.ranks(ofExpert: $0) } == [[0], [1], [0, 1]])
        #expect(Array(placement.slotNumbers(ofExpert: 2)) == [0, 3])
        #expect((0..<2).map { placement.slotNumbers(onRank: $0) } == [0..<2, 2..<4])
        #expect(placement.rankOfSlot == [0, 0, 1, 1])
        #expect(placement.slots(onRank: 1).last == Slot(rank: 1, localIndex: 1, expert: 2))
    }

    @Test(arguments: [
        ([], "0 ranks were given; at least 1 is needed"),
        ([[0, 1], []], "rank 1 holds no expert; every rank needs at least 1"),
        ([[0, 1], [2]], "rank 1 holds expert 2; allowed are 0 to 1"),
        ([[0, -1]], "rank 0 holds expert -1; allowed are 0 to 1"),
        ([[1], [1]], "expert 0 is on no rank; every one of the 2 experts needs a slot"),
    ])
    func brokenPlacementsAreRefused(expertsOfRank: [[Int]], message: String) {
        #expect(throws: PlacementError(message)) {
            try LayerPlacement(experts: 2, expertsOfRank: expertsOfRank)
        }
    }

    @Test func anExpertMayStandTwiceOnARank() throws {
        let placement = try LayerPlacement(experts: 2, expertOfSlot: [0, 0, 1, 0], ranks: 2)
        #expect(placement.ranks(ofExpert: 0) == [0, 1])
        #expect(Array(placement.slotNumbers(ofExpert: 0)) == [0, 1, 3])
        #expect(placement.evenLoads([6, 1]) == [4, 3])
    }

    @Test func slotsThatDoNotDivideOverRanksAreRefused() {
        #expect(throws: PlacementError("3 slots on 2 ranks; ranks need equally many slots")) {
            try LayerPlacement(experts: 2, expertOfSlot: [0, 1, 0], ranks: 2)
        }
    }

    /// Experts 0 and 2 have two slots; rank 1 has them all.
    @Test func loadsOfExpertsAreSpreadEvenlyOverTheirSlots() throws {
        let placement = try LayerPlacement(experts: 3, expertsOfRank: [[2, 0], [1, 2, 0], [0]])
        #expect(placement.evenly([9, 4, 6]) == [3, 3, 4, 3, 3, 3])
    }

    /// Rank 1 computed one copy less than an even spread gives it, rank 0 one more: only experts with replicas move.
    @Test func loadsOfSlotsAddUpToThoseOfTheirRanks() throws {
        let placement = try LayerPlacement(experts: 3, expertsOfRank: [[2, 0], [1, 2, 0], [0]])
        let copies = placement.copies(ofExperts: [9, 4, 6], ofRanks: [7, 9, 3])
        #expect(copies == [3.5, 3.5, 4, 2.5, 2.5, 3])
        let plain = try PlacementPolicy.roundRobin.layerPlacement(experts: 3, ranks: 2)
        #expect(plain.copies(ofExperts: [9, 4, 6], ofRanks: [15, 4]) == [9, 6, 4])
    }
}
