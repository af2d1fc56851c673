import MoE
import Placement
import TestSupport
import Testing

@testable import CostModel

@Suite("Placements side by side")
struct PlacementStudyTests {
    private func model(ranks: Int) throws -> LayerModel {
        try LayerModel(
            cluster: sampleCluster(ranks: ranks),
            model: sampleShape,
            kernel: .normal,
            productsIn8Bits: true,
            dispatchIn8Bits: true
        )
    }

    private func loads(layers: Int, steps: Int, seed: UInt64) -> PlacementStudy.Loads {
        var random = SeededRandom(seed: seed)
        return (0..<layers).map { _ in
            let popularity = (0..<32).map { _ in Double.random(in: 0.05...1, using: &random) }
            return (0..<steps).map { _ in popularity.map { ($0 * 400).rounded() } }
        }
    }

    @Test func rowsAreThePlacementInForceAndThoseAskedFor() throws {
        let loads = loads(layers: sampleShape.layers, steps: 4, seed: 3)
        let question = PlacementStudy.Question(slots: 40, past: loads, future: loads, tokens: 65536, choices: 4)
        let study = try PlacementStudy(question, policies: [.eplbGlobal, .busiestRank], on: model(ranks: 8))
        #expect(study.rows.map(\.policy) == [nil, .eplbGlobal, .busiestRank])
        let (inForce, eplb) = (study.rows[0], study.rows[1])
        #expect(inForce.moves.copies == 0 && inForce.breakEvenSteps == nil)
        // Of loads that are alike in all steps, past and future are one.
        for row in study.rows { #expect(abs(row.past - (row.future?.mean ?? 0)) < 1e-12) }
        #expect(study.lowerBound <= study.oracle && study.oracle <= eplb.past + 1e-12 && eplb.past < inForce.past)
        let counted = (0..<sampleShape.layers).reduce(0) { sum, layer in
            sum + ExpertMoves(from: inForce.placement[layer], to: eplb.placement[layer]).count
        }
        #expect(eplb.moves.copies == counted)
        #expect(eplb.seconds < inForce.seconds)
        #expect(eplb.breakEvenSteps == eplb.moves.seconds / (inForce.seconds - eplb.seconds))
        #expect(study.best.seconds == study.rows.dropFirst().map(\.seconds).min())
    }

    /// One expert that goes from rank 0 to rank 1 of the same node passes one link; to another node, one share of a NIC.
    @Test func movesTakeTheLinksThatTheyPass() throws {
        let cluster = try sampleCluster(ranks: 16)
        let near = try Placement(layers: [LayerPlacement(experts: 16, expertsOfRank: (0..<16).map { [$0] })])
        func moved(to rank: Int) throws -> Placement {
            try Placement(layers: [
                LayerPlacement(experts: 16, expertsOfRank: (0..<16).map { $0 == rank ? [$0, 0] : [$0] })
            ])
        }
        let within = MoveCost(from: near, to: try moved(to: 1), on: cluster, bytesOfExpert: 1e9)
        #expect(within.copies == 1 && within.bytes == 1e9 && within.mostReceived == 1e9)
        #expect(within.seconds == 1 / cluster.profile[.linkBandwidth])
        let between = MoveCost(from: near, to: try moved(to: cluster.ranksPerNode), on: cluster, bytesOfExpert: 1e9)
        #expect(between.seconds == 1 / cluster.nicBandwidth)
    }

    /// Reading weights costs time however few copies wait, so that a slot with one copy is not a fortieth of one with 40.
    @Test func slotsCostWeightsAndCopies() throws {
        let cost = SlotCost(try model(ranks: 8).compute)
        #expect(cost.cost(ofSlotWith: 0) == 0)
        #expect(cost.cost(ofSlotWith: 40) < 40 * cost.cost(ofSlotWith: 1))
        #expect(cost.cost(ofSlotWith: 40_000) > 100 * cost.cost(ofSlotWith: 40))
    }
}
