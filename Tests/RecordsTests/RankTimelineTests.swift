import Tensors
import Testing

@testable import Records

@Suite("Phases of a rank")
struct RankTimelineTests {
    @Test func oneChunkPassesThroughEveryPhase() {
        let chunk = ChunkStamps(ready: 104, 110, 130, 135, 175, 177, 187)
        let timeline = RankTimeline(chunks: [chunk], window: 100..<200)
        #expect(
            timeline.seconds == nanoseconds(dispatch: 20, queue: 6 + 5 + 2, compute: 40, combine: 10, wait: 4 + 13)
        )
        #expect(timeline.dispatchInFlightSeconds == 20e-9)
        #expect(timeline.combineInFlightSeconds == 10e-9)
        #expect(timeline.movedNanoseconds == 0)
        #expect(timeline.pieces.map(\.phase) == [.wait, .queue, .dispatch, .queue, .compute, .queue, .combine, .wait])
        #expect(timeline.pieces.map(\.span.lowerBound) == [100, 104, 110, 130, 135, 175, 177, 187])
        #expect(timeline.pieces.last?.span.upperBound == 200)
    }

    @Test func aRankWithoutChunksWaits() {
        #expect(RankTimeline(chunks: [], window: 5..<25).seconds == nanoseconds(wait: 20))
        #expect(RankTimeline(chunks: [], window: 5..<5).seconds.total == 0)
    }

    /// The second chunk travels while the first computes, and the first returns while the second computes.
    @Test func overlapCountsOnceByPriority() {
        let chunks = [
            ChunkStamps(0, 10, 10, 40, 40, 60),
            ChunkStamps(10, 50, 55, 80, 80, 90),
        ]
        let timeline = RankTimeline(chunks: chunks, window: 0..<100)
        // 0-10 dispatch, 10-40 compute, 40-50 dispatch (beside combine), 50-55 combine (beside queue), 55-80 compute,
        // 80-90 combine, 90-100 wait.
        #expect(timeline.seconds == nanoseconds(dispatch: 20, queue: 0, compute: 55, combine: 15, wait: 10))
        // What begins or ends within a phase does not cut it.
        #expect(
            timeline.pieces.map(\.phase) == [.dispatch, .compute, .dispatch, .combine, .compute, .combine, .wait]
        )
        #expect(timeline.dispatchInFlightSeconds == 50e-9)
        #expect(timeline.combineInFlightSeconds == 30e-9)
    }

    @Test func equalIntervalsCountOnce() {
        let chunk = ChunkStamps(10, 20, 30, 40, 50, 60)
        let once = RankTimeline(chunks: [chunk], window: 0..<70)
        #expect(RankTimeline(chunks: [chunk, chunk, chunk], window: 0..<70) == once)
    }

    @Test func theFurthestMoveIsTold() {
        let chunks = [ChunkStamps(10, 7, 30, 40, 50, 60), ChunkStamps(10, 5, 30, 40, 50, 60)]
        #expect(RankTimeline(chunks: chunks, window: 0..<70).movedNanoseconds == 5)
    }

    @Test(arguments: UInt64(1)...40)
    func phasesAreWhatAClockTickByTickCounts(seed: UInt64) {
        let window: Range<Int64> = 100..<900
        let chunks = randomChunks(count: 1 + Int(seed) % 7, seed: seed)
        let timeline = RankTimeline(chunks: chunks, window: window)
        let fitted = chunks.map(\.fitted.stamps)
        var counted = PhaseSeconds()
        for now in window {
            if fitted.contains(where: { $0.started <= now && now < $0.finished }) {
                counted.compute += 1
            } else if fitted.contains(where: { $0.handedOver <= now && now < $0.received }) {
                counted.dispatch += 1
            } else if fitted.contains(where: { $0.returned <= now && now < $0.collected }) {
                counted.combine += 1
            } else if fitted.contains(where: { $0.ready <= now && now < $0.collected }) {
                counted.queue += 1
            } else {
                counted.wait += 1
            }
        }
        for phase in Phase.ofRank {
            #expect(abs(timeline.seconds[phase] - counted[phase] / 1e9) < 1e-15, "seed \(seed), \(phase)")
        }
        #expect(abs(timeline.seconds.total - 800e-9) < 1e-15, "seed \(seed)")
    }

    /// A chunk that was on its way before the window, one that still is after it, and one that spans all of it.
    @Test func whatLiesOutsideTheWindowDoesNotCount() {
        let chunks = [ChunkStamps(10, 90, 95, 110, 110, 120), ChunkStamps(150, 160, 170, 195, 195, 300)]
        let timeline = RankTimeline(chunks: chunks, window: 100..<200)
        // 100-110 compute, 110-120 combine, 120-150 wait, 150-160 dispatch, 160-170 queue, 170-195 compute, 195-200.
        #expect(timeline.seconds == nanoseconds(dispatch: 10, queue: 10, compute: 35, combine: 15, wait: 30))
        #expect(timeline.dispatchInFlightSeconds == 10e-9)
        #expect(timeline.combineInFlightSeconds == 15e-9)
        let spanning = RankTimeline(chunks: [ChunkStamps(0, 10, 20, 500, 510, 520)], window: 100..<200)
        #expect(spanning.seconds == nanoseconds(compute: 100))
    }

    /// Two windows side by side say what the two together say.
    @Test(arguments: UInt64(1)...40)
    func windowsAddUp(seed: UInt64) {
        let chunks = randomChunks(count: 1 + Int(seed) % 7, seed: seed)
        let border = Int64(seed * 20)
        let parts = [0..<border, border..<1000].map { RankTimeline(chunks: chunks, window: $0) }
        let whole = RankTimeline(chunks: chunks, window: 0..<1000)
        for phase in Phase.ofRank {
            let sum = parts.reduce(0) { $0 + $1.seconds[phase] }
            #expect(abs(sum - whole.seconds[phase]) < 1e-15, "seed \(seed), \(phase)")
        }
        let dispatching = parts.reduce(0) { $0 + $1.dispatchInFlightSeconds }
        #expect(abs(dispatching - whole.dispatchInFlightSeconds) < 1e-15, "seed \(seed)")
    }

    private func nanoseconds(
        dispatch: Double = 0,
        queue: Double = 0,
        compute: Double = 0,
        combine: Double = 0,
        wait: Double = 0
    ) -> PhaseSeconds {
        PhaseSeconds(
            dispatch: dispatch / 1e9,
            queue: queue / 1e9,
            compute: compute / 1e9,
            combine: combine / 1e9,
            wait: wait / 1e9
        )
    }
}
