import Cluster
import MoE
import Placement
import Records
import Tensors
import Testing

@testable import Runtime

/// What is seen of a layer that is under way.
@Suite struct PendingLayerTests {
    /// Two tokens: the first for experts 0 and 1, on two ranks; the second lost its copy.
    private let plan = DispatchPlan(
        experts: 2,
        copyOffsets: [0, 2, 3],
        expert: [0, 1, 0],
        weight: [0.5, 0.5, 1],
        position: [0, 0, DispatchPlan.dropped]
    )
    private let form = RowForm(dispatch: .f32, combine: .f32)
    private let stamps = WorkerStamps(received: 20, started: 30, finished: 40, returned: 50)

    /// One chunk per token.
    private func chunks() throws -> [ChunkInFlight] {
        let task = try task()
        var builder = ChunkBuilder(hidden: 4, form: form, byteLimit: 1 << 20)
        let encoder = DispatchEncoder(hidden: 4, form: form)
        return (0..<2).map { token in
            let chunk = builder.chunk(of: task, tokens: token..<token + 1)
            let input = Matrix(rows: 2, columns: 4)
            let (payloads, works) = encoder.encode(chunk, input: input)
            return ChunkInFlight(chunk, payloads: payloads, works: works, ready: 5)
        }
    }

    private func task() throws -> ChunkTask {
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 2, ranks: 2)
        return ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [],
            sources: SourceRanks(tokens: 2, ranks: 2)
        )
    }

    private func pending() throws -> PendingLayer {
        PendingLayer(
            work: LayerWork(
                id: ExchangeID(step: 0, layer: 0, batch: 0),
                routed: TestExchanges.routed(),
                visits: [],
                input: nil,
                sources: SourceRanks(tokens: 2, ranks: 2),
                keepsOutput: false
            ),
            task: try task(),
            input: nil,
            combiner: Combiner(hidden: 4, form: form, outputBias: nil, outputScale: 1, commonTerms: 0),
            kept: nil,
            ranks: 2,
            now: 3
        )
    }

    @Test func whatSendsNothingBeginsAndEndsWhereItWas() throws {
        var layer = try pending()
        layer.add(try chunks()[1], at: 9)
        let clock = layer.observation.clock
        #expect(clock.firstHandOver == 3 && clock.lastArrival == 3 && clock.complete == 3 && clock.ended == 9)
    }

    @Test func stampsAndBytesGoToTheirRank() throws {
        let frames = try FrameMaker()
        let chunk = try chunks()[0]
        chunk.handOver(0, at: 10)
        chunk.handOver(1, at: 12)
        chunk.collect(1, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: 60)
        chunk.collect(0, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: 70)
        var layer = try pending()
        layer.add(chunk, at: 80)
        let seen = layer.observation
        #expect(seen.clock.firstHandOver == 10 && seen.clock.lastArrival == 70 && seen.clock.ended == 80)
        #expect(seen.ranks.map { $0.stamps.map(\.handedOver) } == [[10], [12]])
        #expect(seen.ranks.map { $0.stamps.map(\.collected) } == [[70], [60]])
        #expect(seen.ranks.allSatisfy { $0.stamps.allSatisfy { $0.ready == 5 && $0.started == 30 } })
        #expect(seen.ranks.map(\.copies) == [1, 1])
        // Behind the envelope, 64 bytes of table and index before the row of 16 bytes.
        #expect(seen.ranks.map(\.dispatchBytes) == [Envelope.byteCount + 80, Envelope.byteCount + 80])
        #expect(seen.ranks.map(\.combineBytes) == [Envelope.byteCount + 16, Envelope.byteCount + 16])
    }

    /// A later chunk may have gone out before an earlier one, to a rank with credit.
    @Test func theFirstHandOverIsTheEarliestOfAllChunks() throws {
        let frames = try FrameMaker()
        var layer = try pending()
        for begin in [40, 20] as [Nanoseconds] {
            let chunk = try chunks()[0]
            for part in 0..<2 {
                chunk.handOver(part, at: begin)
                chunk.collect(part, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: begin + 30)
            }
            layer.add(chunk, at: 90)
        }
        #expect(layer.observation.clock.firstHandOver == 20 && layer.observation.clock.lastArrival == 70)
    }

    @Test func theCoordinatorsOwnExpertsCompleteALayer() throws {
        var layer = try pending()
        layer.add(try chunks()[1], at: 9)
        layer.take(CoordinatorExperts.Outcome(outputs: [], busy: 4..<20), at: 21)
        layer.finish(at: 25)
        let clock = layer.observation.clock
        #expect(clock.lastArrival == 3 && clock.complete == 21 && clock.ended == 25 && clock.ownExperts == 4..<20)
    }
}
