import Cluster
import MoE
import Placement
import Testing

@Suite("Batches of a layer")
struct LayerBatchesTests {
    /// Four experts on two ranks, experts 0 and 3 on rank 0; three tokens with two copies each, one of them dropped.
    @Test func anExampleByHand() throws {
        let plan = DispatchPlan(
            experts: 4,
            copyOffsets: [0, 2, 4, 6],
            expert: [3, 1, 0, 3, 1, 3],
            weight: [0.6, 0.4, 0.7, 0.3, 0.8, 0.2],
            position: [0, 0, 0, 1, 1, DispatchPlan.dropped]
        )
        let placement = try Placement(experts: 4, expertsOfRank: [[3, 0], [1, 2]])
        let batches = LayerBatches(plan: plan, placement: placement, replicated: [ReplicatedVisits()])
        #expect(batches.ranks[0].inputRows == [0, 1, 1, 0, 1])
        #expect(batches.ranks[0].weights == [0.6, 0.3, 0.7, 1, 1])
        #expect(
            batches.ranks[0].segments == [.init(slot: 0, rows: 2), .init(slot: 1, rows: 1), .init(slot: 2, rows: 2)]
        )
        #expect(batches.ranks[0].routedRows == 3)
        #expect(batches.ranks[1].inputRows == [0, 2, 2])
        #expect(batches.ranks[1].weights == [0.4, 0.8, 1])
        #expect(batches.ranks[1].segments == [.init(slot: 0, rows: 2), .init(slot: 2, rows: 1)])
        #expect(
            batches.places.map { $0.map { [$0.rank, $0.row] } } == [[0, 0], [1, 0], [0, 2], [0, 1], [1, 1], nil]
        )
        #expect(batches.replicatedPlaces[0].map { [$0.rank, $0.row] } == [[0, 3], [0, 4], [1, 2]])
    }

    @Test(arguments: UInt64(1)...60)
    func everyKeptCopyHasOneRowAtItsPlace(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed)
        let batches = layer.batches
        var taken = layer.emptyRows
        for copy in 0..<layer.plan.copies {
            guard let place = batches.places[copy] else {
                #expect(!layer.plan.isKept(copy), "seed \(seed): kept copy \(copy) has no place")
                continue
            }
            #expect(layer.plan.isKept(copy), "seed \(seed): dropped copy \(copy) has a place")
            let (rank, row) = (Int(place.rank), Int(place.row))
            #expect(rank == layer.placement.rank(ofExpert: Int(layer.plan.expert[copy])), "seed \(seed)")
            try #require(row < batches.ranks[rank].routedRows, "seed \(seed)")
            #expect(batches.ranks[rank].inputRows[row] == Int32(layer.token(ofCopy: copy)), "seed \(seed)")
            #expect(batches.ranks[rank].weights[row] == layer.plan.weight[copy], "seed \(seed)")
            #expect(!taken[rank][row], "seed \(seed): two copies in row \(row) of rank \(rank)")
            taken[rank][row] = true
        }
        for (rank, rows) in taken.enumerated() {
            #expect(rows.prefix(batches.ranks[rank].routedRows).allSatisfy { $0 }, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(1)...60)
    func rowsOfAnExpertAreInTokenOrder(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed)
        for batch in layer.batches.ranks {
            let experts = layer.placement.experts(onRank: batch.rank)
            var start = 0
            var slots: [Int] = []
            for segment in batch.segments {
                let rows = batch.inputRows[start..<start + segment.rows]
                #expect(zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
                #expect(segment.rows > 0, "seed \(seed)")
                if segment.slot < experts.count {
                    let wanted = layer.tokens(ofExpert: experts[segment.slot])
                    #expect(rows.map { Int($0) } == wanted, "seed \(seed)")
                }
                slots.append(segment.slot)
                start += segment.rows
            }
            #expect(start == batch.rows, "seed \(seed)")
            #expect(zip(slots, slots.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed): a slot has two segments")
        }
    }

    @Test(arguments: UInt64(1)...60)
    func sharedRowsGoToTheSourceRank(seed: UInt64) throws {
        let layer = try RandomLayer(seed: seed)
        let batches = layer.batches
        guard layer.hasSharedExpert else {
            #expect(batches.replicatedPlaces.isEmpty && batches.ranks.allSatisfy { $0.rows == $0.routedRows })
            return
        }
        let sources = SourceRanks(tokens: layer.plan.tokens, ranks: layer.placement.ranks)
        #expect(batches.replicatedPlaces[0].count == layer.plan.tokens)
        for (token, place) in batches.replicatedPlaces[0].enumerated() {
            let batch = batches.ranks[Int(place.rank)]
            #expect(batch.rank == sources.rank(ofToken: token), "seed \(seed)")
            #expect(Int(place.row) >= batch.routedRows, "seed \(seed)")
            #expect(batch.inputRows[Int(place.row)] == Int32(token), "seed \(seed)")
            #expect(batch.weights[Int(place.row)] == 1, "seed \(seed)")
        }
        for batch in batches.ranks {
            let owned = sources.tokens(ofRank: batch.rank)
            #expect(batch.inputRows[batch.routedRows...].map { Int($0) } == Array(owned), "seed \(seed)")
            let shared = batch.segments.first { $0.slot == layer.placement.slots(onRank: batch.rank).count }
            #expect(shared?.rows ?? 0 == owned.count, "seed \(seed)")
        }
    }
}
