import Placement
import Testing

@Suite("Placement of all layers")
struct PlacementTests {
    @Test func layersMayDifferInSlots() throws {
        let placement = try Placement(layers: [
            LayerPlacement(experts: 3, expertsOfRank: [[0, 1], [2]]),
            LayerPlacement(experts: 3, expertsOfRank: [[2, 0], [1, 2, 0]]),
        ])
        #expect(placement.experts == 3 && placement.ranks == 2)
        #expect(placement[1].experts(onRank: 1) == [1, 2, 0])
        #expect(placement.slotCounts(ofRank: 1) == [1, 3])
        #expect(placement.slotsOfRank == [4, 4])
        #expect(placement.slotCount == 8)
        #expect(!placement.isUniform)
    }

    @Test(arguments: [PlacementPolicy.contiguous, .roundRobin])
    func aPolicyPlacesAllLayersAlike(policy: PlacementPolicy) throws {
        let placement = try policy.placement(layers: 3, experts: 8, ranks: 3)
        let layer = try policy.layerPlacement(experts: 8, ranks: 3)
        #expect(placement.layers == [layer, layer, layer])
        #expect(placement.isUniform)
        #expect(placement.slotsOfRank == [9, 9, 6])
    }

    @Test func layersOfDifferentModelsAreRefused() throws {
        let layers = try [(3, 3), (4, 3)].map {
            try PlacementPolicy.contiguous.layerPlacement(experts: $0.0, ranks: $0.1)
        }
        #expect(throws: PlacementError("0 layers were given; at least 1 is needed")) { try Placement(layers: []) }
        #expect(
            throws: PlacementError(
                "layer 1 has 4 experts on 3 ranks and layer 0 has 3 on 3; all layers need the same"
            )
        ) { try Placement(layers: layers) }
        let ranks = try [2, 3].map { try PlacementPolicy.contiguous.layerPlacement(experts: 3, ranks: $0) }
        #expect(throws: PlacementError.self) { try Placement(layers: ranks) }
    }
}
