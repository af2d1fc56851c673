import Cluster
import Testing

@testable import Runtime

@Suite struct OncePerLayerTests {
    private func batch(step: UInt32, layer: UInt32, batch: UInt32 = 0, chunk: UInt32 = 0) -> Envelope {
        Envelope(kind: .dispatch, step: step, layer: layer, batch: batch, chunk: chunk)
    }

    private func answers(_ batches: [Envelope]) -> [Bool] {
        var delays = OncePerLayer()
        return batches.map { delays.isFirst($0) }
    }

    @Test func onlyTheFirstBatchOfALayerCounts() {
        let found = answers([
            // A rank that has nothing of chunk 0 is held up at its own first one.
            batch(step: 0, layer: 0, chunk: 2), batch(step: 0, layer: 0, chunk: 3), batch(step: 0, layer: 0, batch: 1),
            batch(step: 0, layer: 1), batch(step: 1, layer: 0), batch(step: 1, layer: 0, batch: 1),
        ])
        #expect(found == [true, false, false, true, true, false])
    }

    @Test func theOtherMicroBatchMayStillBeInTheLayerBefore() {
        let found = answers([
            batch(step: 0, layer: 0), batch(step: 0, layer: 1), batch(step: 0, layer: 0, batch: 1),
            batch(step: 0, layer: 1, batch: 1),
        ])
        #expect(found == [true, true, false, false])
    }

    /// The way back goes down through the same layers.
    @Test func eachPassHasItsFirstBatches() {
        let up = [batch(step: 3, layer: 0), batch(step: 3, layer: 1)]
        let down = up.reversed().map { batch in
            var back = batch
            back.pass = .backward
            return back
        }
        #expect(answers(up + down + down) == [true, true, true, true, false, false])
    }
}
