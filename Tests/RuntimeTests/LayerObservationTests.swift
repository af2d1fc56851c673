import Cluster
import CostModel
import MoE
import Placement
import Tensors
import Testing

@testable import Runtime

/// From the stamps of a layer to its record.
@Suite struct LayerObservationTests {
    /// Two ranks, three tokens; rank 1 has two chunks. Microseconds as nanoseconds.
    private func observation(shift: Nanoseconds = 0) throws -> (LayerObservation, Placement) {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 2, 4, 6],
            expert: [0, 1, 1, 0, 1, 0],
            weight: [0.5, 0.25, 1, 0, 0.5, 0.5],
            position: [0, 0, 1, DispatchPlan.dropped, 2, DispatchPlan.dropped]
        )
        let placement = try PlacementPolicy.contiguous.placement(experts: 2, ranks: 2)
        let batches = LayerBatches(plan: plan, placement: placement, replicated: [ReplicatedVisits()])
        func stamps(_ rank: Int, _ times: [Int64]) -> (rank: Int, stamps: ChunkStamps) {
            let times = times.map { $0 * 1000 }
            let stamps = ChunkStamps(
                handedOver: times[0],
                received: times[1] + shift,
                started: times[2] + shift,
                finished: times[3] + shift,
                returned: times[4] + shift,
                collected: times[5]
            )
            return (rank, stamps)
        }
        let chunks = [
            stamps(0, [110, 120, 130, 150, 160, 170]), stamps(1, [112, 122, 125, 165, 166, 186]),
            stamps(1, [114, 140, 170, 190, 190, 200]),
        ]
        var clock = LayerClock(started: 50_000)
        clock.ready = 100_000
        clock.done = 210_000
        clock.complete = 210_000
        clock.ended = 260_000
        let frames = try FrameMaker()
        let frame = try frames.frame(.init(byteCount: 4))
        let results = LayerResults(
            collected: chunks.map { CollectedBatch(rank: $0.rank, rows: 0..<1, payload: frame, stamps: $0.stamps) },
            dispatchBytes: [11, 22],
            combineBytes: [33, 44]
        )
        let observation = LayerObservation(
            layer: 5,
            routing: Routing(plan: plan, importance: [1, 1.75]),
            ranks: batches.ranks.map { RankObservation($0, results) },
            clock: clock
        )
        return (observation, placement)
    }

    @Test func countsLoadsAndBytes() throws {
        let (observation, placement) = try observation()
        let record = observation.record(placement: placement, rowBytes: 8).record
        #expect(record.layer == 5)
        #expect(record.expertCopies == [1, 3])
        #expect(record.expertDropped == [2, 0])
        #expect(record.tokensWithoutExpert == 0)
        #expect(record.importance == [1, 1.75])
        #expect(record.ranks.map(\.copies) == [1, 3])
        #expect(record.ranks.map(\.sharedTokens) == [2, 1])
        #expect(record.ranks.map(\.dispatchBytes) == [11, 22])
        #expect(record.ranks.map(\.combineBytes) == [33, 44])
        #expect(record.traffic.dispatchRowBytes == 8 && record.traffic.combineRowBytes == 8)
    }

    @Test func phasesOfEveryRankAddUpToTheLayer() throws {
        let (observation, placement) = try observation()
        let (record, moved) = observation.record(placement: placement, rowBytes: 8)
        #expect(moved == 0)
        #expect(abs(record.seconds - 210e-6) < 1e-12)
        #expect(abs(record.gateSeconds - 50e-6) < 1e-12)
        #expect(abs(record.mergeSeconds - 50e-6) < 1e-12)
        for rank in record.ranks {
            let sum = record.gateSeconds + rank.seconds.total + record.mergeSeconds
            #expect(abs(sum - record.seconds) < 1e-12)
        }
        let first = record.ranks[0].seconds
        #expect(abs(first.queue - 30e-6) < 1e-12)  // 100-110, 120-130, 150-160
        #expect(abs(first.dispatch - 10e-6) < 1e-12)
        #expect(abs(first.compute - 20e-6) < 1e-12)
        #expect(abs(first.combine - 10e-6) < 1e-12)
        #expect(abs(first.wait - 40e-6) < 1e-12)
        #expect(abs(record.ranks[1].seconds.compute - 60e-6) < 1e-12)
    }

    @Test func clockThatIsOffIsMovedAndTold() throws {
        let (observation, placement) = try observation(shift: -30_000)
        let (record, moved) = observation.record(placement: placement, rowBytes: 8)
        #expect(moved >= 20_000)
        for rank in record.ranks {
            let sum = record.gateSeconds + rank.seconds.total + record.mergeSeconds
            #expect(abs(sum - record.seconds) < 1e-12)
        }
        // What the worker measured on its own clock keeps its length.
        #expect(abs(record.ranks[0].seconds.compute - 20e-6) < 1e-12)
    }
}
