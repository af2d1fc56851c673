import Testing

@testable import Records

@Suite("Stamps of a chunk")
struct ChunkStampsTests {
    @Test func stampsInOrderStayAsTheyAre() {
        let chunk = ChunkStamps(ready: 5, 10, 20, 30, 40, 50, 60)
        let fitted = chunk.fitted
        #expect(fitted.stamps == chunk)
        #expect(fitted.moved == 0)
    }

    /// A worker whose clock is read too early or too late keeps the lengths that it measured.
    @Test(arguments: [
        (ChunkStamps(10, 5, 15, 25, 35, 60), ChunkStamps(10, 10, 20, 30, 40, 60), Int64(5)),
        (ChunkStamps(10, 40, 50, 60, 70, 60), ChunkStamps(10, 30, 40, 50, 60, 60), Int64(10)),
    ])
    func aWrongOffsetShiftsTheWorkerAsAWhole(chunk: ChunkStamps, expected: ChunkStamps, moved: Int64) {
        let fitted = chunk.fitted
        #expect(fitted.stamps == expected)
        #expect(fitted.moved == moved)
    }

    @Test func aWorkerThatClaimsTooMuchTimeIsCutOff() {
        let fitted = ChunkStamps(10, 0, 20, 200, 210, 60).fitted
        #expect(fitted.stamps == ChunkStamps(10, 10, 30, 60, 60, 60))
        #expect(fitted.moved == 150)
    }

    /// Nothing is handed over before it is ready, nor collected before it is handed over.
    @Test func theCoordinatorsStampsAreHeldToTheirOrder() {
        let early = ChunkStamps(ready: 15, 10, 20, 30, 40, 50, 60).fitted
        #expect(early.stamps == ChunkStamps(ready: 15, 15, 20, 30, 40, 50, 60))
        #expect(early.moved == 5)
        let late = ChunkStamps(10, 20, 30, 40, 50, 5).fitted
        #expect(late.stamps == ChunkStamps(10, 10, 10, 10, 10, 10))
        #expect(late.moved == 40)
    }

    /// There is no window to hold them to: a chunk may reach from one layer into the next.
    @Test func stampsMayLieAnywhere() {
        let chunk = ChunkStamps(ready: -1000, -900, 20, 30, 40, 50, 9000)
        #expect(chunk.fitted.stamps == chunk)
        #expect(chunk.fitted.moved == 0)
    }

    @Test(arguments: [
        ChunkStamps(10, .min, .max, .min, .max, 60),
        ChunkStamps(10, .max, .max, .max, .max, 60),
        ChunkStamps(10, .min, .min, .min, .min, 60),
        ChunkStamps(.max, 50, 40, 30, 20, .min),
        ChunkStamps(ready: .max, .min, 50, 40, 30, 20, .min),
        ChunkStamps(ready: .min, .min, .max, .max, .min, .min, .max),
    ])
    func anyStampsComeOutInOrder(chunk: ChunkStamps) {
        let stamps = chunk.fitted.stamps
        let order = [
            stamps.ready, stamps.handedOver, stamps.received, stamps.started, stamps.finished, stamps.returned,
            stamps.collected,
        ]
        #expect(order == order.sorted())
    }
}
