import Cluster
import Records
import Testing

@testable import Runtime

/// The time of a layer beside that of another.
@Suite struct LayerWindowTests {
    /// An exchange with one chunk: the moments when it was handed over, received, computed (from, to), returned and
    /// collected, and the end of its combine.
    private func exchange(_ times: [Nanoseconds], ended: Nanoseconds, own: Range<Nanoseconds>? = nil) throws
        -> ExchangeObservation
    {
        var rank = RankObservation(rank: 0)
        let stamps = ChunkStamps(
            ready: times[0],
            handedOver: times[0],
            received: times[1],
            started: times[2],
            finished: times[3],
            returned: times[4],
            collected: times[5]
        )
        rank.chunks = [ChunkTrack(stamps: stamps, copies: 1, dispatchBytes: 0, combineBytes: 0)]
        let clock = LayerClock(
            firstHandOver: times[0],
            lastArrival: times[5],
            complete: max(times[5], own?.upperBound ?? 0),
            ended: ended,
            ownExperts: own
        )
        return ExchangeObservation(
            batch: 0,
            routed: TestExchanges.routed(),
            slots: try TestExchanges.slots(ranks: 1),
            ranks: [rank],
            clock: clock
        )
    }

    private func record(
        _ window: LayerWindow,
        _ own: [ExchangeObservation],
        _ all: [ExchangeObservation],
        busy: [Range<Nanoseconds>] = []
    ) -> LayerRecord {
        var record = LayerRecord(layer: 0, routing: TestExchanges.routed().routing)
        window.fill(
            &record,
            own,
            all,
            coordinatorBusy: busy.map { WorkClock.Busy(work: .permute, layer: 0, batch: 0, time: $0) }
        )
        return record
    }

    @Test func aLayerAloneHasGateAndMerge() throws {
        let own = try exchange([150, 160, 160, 180, 180, 190], ended: 220)
        let window = LayerWindow(layer: 100..<220, [own])
        #expect(window.active == 150..<190)
        let record = record(window, [own], [own])
        #expect(record.gateSeconds == 50e-9)
        #expect(record.mergeSeconds == 30e-9)
        #expect(record.seconds == 120e-9)
        #expect(record.exposedCommunicationSeconds == 20e-9)
        #expect(record.exposedWithoutOverlapSeconds == 20e-9)
    }

    /// The other one's exchange reaches in from the layer before, and a third out into the next.
    @Test func whatReachesInLeavesNoGate() throws {
        let reaching = try exchange([50, 60, 60, 120, 120, 130], ended: 140)
        let own = try exchange([150, 160, 160, 180, 180, 190], ended: 200)
        let further = try exchange([195, 205, 210, 250, 250, 260], ended: 270)
        let window = LayerWindow(layer: 100..<200, [reaching, own, further])
        #expect(window.active == 100..<200)
        let record = record(window, [own], [reaching, own, further])
        #expect(record.gateSeconds == 0 && record.mergeSeconds == 0)
        // 120-130 outputs of the first, 150-160 and 180-190 of the second, 195-200 tokens of the third.
        #expect(abs(record.exposedCommunicationSeconds - 35e-9) < 1e-15)
    }

    @Test func whatEndedBeforeOrBeginsAfterDoesNotCount() throws {
        let before = try exchange([10, 20, 30, 40, 50, 100], ended: 100)
        let after = try exchange([200, 220, 230, 240, 250, 260], ended: 300)
        let own = try exchange([150, 160, 160, 180, 180, 190], ended: 200)
        #expect(LayerWindow(layer: 100..<200, [before, own, after]).active == 150..<190)
    }

    @Test func aLayerOfWhichNothingTravelsIsGate() throws {
        let window = LayerWindow(layer: 100..<200, [])
        #expect(window.active.isEmpty)
        let record = record(window, [], [])
        #expect(record.gateSeconds == 100e-9)
        #expect(record.sharedSeconds == 0 && record.mergeSeconds == 0)
    }

    @Test func ownExpertsThatTakeLongerAreShared() throws {
        let own = try exchange([110, 120, 120, 130, 130, 140], ended: 200, own: 105..<170)
        let window = LayerWindow(layer: 100..<200, [own])
        let record = record(window, [own], [own])
        #expect(record.sharedSeconds == 30e-9)
        #expect(record.sharedComputeSeconds == 65e-9)
        #expect(record.mergeSeconds == 30e-9)
        // The coordinator computes all the while.
        #expect(record.exposedCommunicationSeconds == 0)
    }

    /// Both travel at the same times that the other computes.
    @Test func withoutOverlapEachWouldShowItsOwn() throws {
        let one = try exchange([100, 120, 120, 140, 140, 160], ended: 170)
        let other = try exchange([120, 140, 140, 160, 160, 180], ended: 200)
        let window = LayerWindow(layer: 90..<200, [one, other])
        let record = record(window, [one, other], [one, other])
        #expect(abs(record.exposedCommunicationSeconds - 40e-9) < 1e-15)
        #expect(abs(record.exposedWithoutOverlapSeconds - 80e-9) < 1e-15)
    }

    /// An exchange that began before the layer: what the coordinator did then counts as well.
    @Test func theCoordinatorHidesWhatTravelsBeforeTheLayer() throws {
        let own = try exchange([60, 90, 90, 150, 150, 170], ended: 200)
        let window = LayerWindow(layer: 100..<200, [own])
        let record = record(window, [own], [own], busy: [60..<80, 160..<170])
        #expect(abs(record.exposedCommunicationSeconds - 10e-9) < 1e-15)
        #expect(abs(record.exposedWithoutOverlapSeconds - 20e-9) < 1e-15)
    }

    /// What the coordinator computes of the other micro-batch is overlap, too.
    @Test func ownExpertsOfTheOtherAreOverlap() throws {
        let one = try exchange([100, 120, 120, 140, 140, 160], ended: 170)
        let other = try exchange([160, 160, 160, 160, 160, 160], ended: 200, own: 100..<120)
        let window = LayerWindow(layer: 90..<200, [one, other])
        let record = record(window, [one, other], [one, other])
        #expect(abs(record.exposedCommunicationSeconds - 20e-9) < 1e-15)
        #expect(abs(record.exposedWithoutOverlapSeconds - 40e-9) < 1e-15)
    }
}
