import Testing

@testable import Placement

@Suite("Placement of one layer")
struct LayerPlacementTests {
    @Test func anExpertMayHaveSeveralSlots() throws {
        let placement = try LayerPlacement(experts: 3, expertsOfRank: [[2, 0], [1, 2]])
        #expect(placement.slots.count == 4)
        #expect(placement.rank(ofExpert: 2) == 0)
        #expect(placement.slots(onRank: 1).last == Slot(rank: 1, localIndex: 1, expert: 2))
    }

    @Test(arguments: [
        ([], "0 ranks were given; at least 1 is needed"),
        ([[0, 1], []], "rank 1 holds no expert; every rank needs at least 1"),
        ([[0, 1], [2]], "rank 1 holds expert 2; allowed are 0 to 1"),
        ([[0, -1]], "rank 0 holds expert -1; allowed are 0 to 1"),
        ([[0, 1, 0]], "rank 0 holds expert 0 twice; once is enough"),
        ([[1], [1]], "expert 0 is on no rank; every one of the 2 experts needs a slot"),
    ])
    func brokenPlacementsAreRefused(expertsOfRank: [[Int]], message: String) {
        #expect(throws: PlacementError(message)) {
            try LayerPlacement(experts: 2, expertsOfRank: expertsOfRank)
        }
    }
}
