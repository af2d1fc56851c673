import Testing

@testable import CostModel

@Suite("Stamps of a chunk")
struct ChunkStampsTests {
    @Test func stampsInOrderStayAsTheyAre() {
        let chunk = ChunkStamps(10, 20, 30, 40, 50, 60)
        let fitted = chunk.fitted(in: 0..<100)
        #expect(fitted.stamps == chunk)
        #expect(fitted.moved == 0)
    }

    /// A worker whose clock is read too early or too late keeps the lengths that it measured.
    @Test(arguments: [
        (ChunkStamps(10, 5, 15, 25, 35, 60), ChunkStamps(10, 10, 20, 30, 40, 60), Int64(5)),
        (ChunkStamps(10, 40, 50, 60, 70, 60), ChunkStamps(10, 30, 40, 50, 60, 60), Int64(10)),
    ])
    func aWrongOffsetShiftsTheWorkerAsAWhole(chunk: ChunkStamps, expected: ChunkStamps, moved: Int64) {
        let fitted = chunk.fitted(in: 0..<100)
        #expect(fitted.stamps == expected)
        #expect(fitted.moved == moved)
    }

    @Test func aWorkerThatClaimsTooMuchTimeIsCutOff() {
        let fitted = ChunkStamps(10, 0, 20, 200, 210, 60).fitted(in: 0..<100)
        #expect(fitted.stamps == ChunkStamps(10, 10, 30, 60, 60, 60))
        #expect(fitted.moved == 150)
    }

    @Test func stampsOutsideTheWindowAreHeldToIt() {
        let fitted = ChunkStamps(-10, 20, 30, 40, 50, 160).fitted(in: 0..<100)
        #expect(fitted.stamps == ChunkStamps(0, 20, 30, 40, 50, 100))
        #expect(fitted.moved == 60)
    }

    @Test(arguments: [
        ChunkStamps(10, .min, .max, .min, .max, 60),
        ChunkStamps(10, .max, .max, .max, .max, 60),
        ChunkStamps(10, .min, .min, .min, .min, 60),
        ChunkStamps(.max, 50, 40, 30, 20, .min),
    ])
    func anyStampsComeOutInOrder(chunk: ChunkStamps) {
        let stamps = chunk.fitted(in: 0..<100).stamps
        let order = [
            0, stamps.handedOver, stamps.received, stamps.started, stamps.finished, stamps.returned, stamps.collected,
            100,
        ]
        #expect(order == order.sorted())
    }
}
