import Cluster
import Records
import MoE
import Placement
import Tensors
import Testing

@testable import Runtime

/// The chunks of a layer from dispatch to combine.
@Suite struct LayerInFlightTests {
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
    private func inFlight() throws -> LayerInFlight {
        let layer = LayerInFlight(id: ExchangeID(step: 0, layer: 0, batch: 0), ranks: 2, now: 0)
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 2, ranks: 2)
        let task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [],
            sources: SourceRanks(tokens: 2, ranks: 2)
        )
        var builder = ChunkBuilder(hidden: 4, form: form, byteLimit: 1 << 20)
        let encoder = DispatchEncoder(hidden: 4, form: form)
        for token in 0..<2 {
            let chunk = builder.chunk(of: task, tokens: token..<token + 1)
            let layouts = chunk.ranks.map { encoder.layout(of: $0) }
            let input = Matrix(rows: 2, columns: 4)
            layer.append(
                chunk,
                payloads: zip(chunk.ranks, layouts).map { encoder.encode($0, $1, input: input) },
                works: zip(chunk.ranks, layouts).map { ChunkWork(rank: $0.rank, chunk: layer.nextChunk, layout: $1) },
                ready: 5
            )
        }
        return layer
    }

    @Test func tokensThatLostTheirCopiesWaitForNobody() throws {
        let layer = try inFlight()
        #expect(layer.chunksOut == 2)
        #expect(layer.takeComplete()?.chunk.tokens == 1..<2)
        #expect(layer.combinedTokens == 1 && layer.chunksOut == 1)
        #expect(!layer.hasCompleteChunk)
    }

    @Test func aChunkIsCompleteWithItsLastRank() throws {
        let frames = try FrameMaker()
        let layer = try inFlight()
        _ = layer.takeComplete()
        layer.collect(1, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: 60)
        #expect(!layer.hasCompleteChunk)
        layer.collect(0, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: 70)
        #expect(layer.hasCompleteChunk)
        let chunk = try #require(layer.takeComplete())
        #expect(chunk.workIndices == [0, 1])
        #expect(layer.combinedTokens == 2 && layer.takeComplete() == nil)
    }

    @Test func stampsAndBytesGoToTheirRank() throws {
        let frames = try FrameMaker()
        let layer = try inFlight()
        _ = layer.takeComplete()
        layer.handOver(0, at: 10)
        layer.handOver(1, at: 12)
        layer.collect(1, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: 60)
        layer.collect(0, try frames.frame(AlignedBuffer(byteCount: 16)), stamps, at: 70)
        _ = layer.takeComplete()
        #expect(layer.clock.firstHandOver == 10 && layer.clock.lastArrival == 70)
        #expect(layer.ranks.map { $0.stamps.map(\.handedOver) } == [[10], [12]])
        #expect(layer.ranks.map { $0.stamps.map(\.collected) } == [[70], [60]])
        #expect(layer.ranks.allSatisfy { $0.stamps.allSatisfy { $0.ready == 5 && $0.started == 30 } })
        #expect(layer.ranks.map(\.copies) == [1, 1])
        // 96 bytes of envelope, and 64 of table and index before the row of 16 bytes.
        #expect(layer.ranks.map(\.dispatchBytes) == [176, 176])
        #expect(layer.ranks.map(\.combineBytes) == [112, 112])
    }
}
