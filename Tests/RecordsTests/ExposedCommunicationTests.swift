import Testing

@testable import Records

@Suite("Exposed communication")
struct ExposedCommunicationTests {
    private let chunk = ChunkStamps(10, 30, 30, 60, 60, 80)

    @Test func aChunkAloneExposesItsTravel() {
        #expect(exposed([chunk]) == 40)
    }

    @Test func computingElsewhereHidesTravel() {
        // The other rank computes during 20-30 and 70-75 of the travel, and travels during 5-20 itself.
        let other = ChunkStamps(5, 20, 20, 75, 75, 75)
        #expect(exposed([chunk, other]) == 15 + 5)
    }

    @Test func aBusyCoordinatorHidesTravel() {
        #expect(exposed([chunk], coordinatorBusy: [0..<15, 12..<20, 75..<200]) == 10 + 15)
    }

    @Test func waitingIsNotCommunication() {
        #expect(exposed([ChunkStamps(10, 10, 40, 50, 60, 60)]) == 0)
        #expect(exposed([]) == 0)
    }

    @Test(arguments: UInt64(1)...40)
    func itIsWhatAClockTickByTickCounts(seed: UInt64) {
        let chunks = randomChunks(count: 1 + Int(seed) % 5, seed: seed)
        let busy: [Range<Int64>] = [0..<100, 300..<320]
        let counted = (Int64(0)..<1000).count { now in
            let travels = chunks.contains {
                ($0.handedOver..<$0.received).contains(now) || ($0.returned..<$0.collected).contains(now)
            }
            let works = chunks.contains { ($0.started..<$0.finished).contains(now) }
            return travels && !works && !busy.contains { $0.contains(now) }
        }
        let found = exposed(chunks, window: 0..<1000, coordinatorBusy: busy)
        #expect(found == Double(counted), "seed \(seed)")
    }

    @Test func whatLiesOutsideTheWindowDoesNotCount() {
        // Tokens travel from 10 to 30 and outputs from 60 to 80.
        #expect(exposed([chunk], window: 20..<70) == 10 + 10)
        #expect(exposed([chunk], window: 30..<60) == 0)
        #expect(exposed([chunk], window: 90..<100) == 0)
        #expect(exposed([chunk], window: 25..<25) == 0)
        #expect(exposed([chunk], window: 20..<70, coordinatorBusy: [0..<25, 65..<500]) == 5 + 5)
    }

    @Test(arguments: UInt64(1)...40)
    func windowsAddUp(seed: UInt64) {
        let chunks = randomChunks(count: 1 + Int(seed) % 5, seed: seed)
        let border = Int64(seed * 20)
        let parts = [0..<border, border..<1000].map { exposed(chunks, window: $0, coordinatorBusy: [200..<400]) }
        let whole = exposed(chunks, window: 0..<1000, coordinatorBusy: [200..<400])
        #expect(parts[0] + parts[1] == whole, "seed \(seed)")
    }

    /// Whole nanoseconds.
    private func exposed(
        _ chunks: [ChunkStamps],
        window: Range<Int64> = 0..<100,
        coordinatorBusy: [Range<Int64>] = []
    ) -> Double {
        let seconds = ExposedCommunication.seconds(chunks: chunks, window: window, coordinatorBusy: coordinatorBusy)
        return (seconds * 1e9).rounded()
    }
}
