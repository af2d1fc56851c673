import Cluster
import SimulatedNetwork
import TestSupport
import Testing

@Suite("Offset of clocks")
struct ClockOffsetTests {
    @Test func oneKernelSharesOneClock() {
        var clock = ClockOffset(sharesClock: true)
        clock.observe(sent: 0, arrived: 90, answered: 95, back: 100)
        #expect(clock.offset == 0)
        #expect(clock.uncertainty == 0)
    }

    /// A container may have a time namespace of its own.
    @Test func aRoundTripCanDisproveASharedClock() {
        var clock = ClockOffset(sharesClock: true)
        clock.observe(sent: 0, arrived: 5000, answered: 5000, back: 100)
        #expect(clock.offset == 4950)
        #expect(clock.uncertainty == 50)
        clock.observe(sent: 1000, arrived: 6001, answered: 6001, back: 1002)
        #expect(clock.offset == 5000)
        #expect(clock.uncertainty == 1)
    }

    @Test func symmetricDelaysGiveTheOffset() {
        var clock = ClockOffset(sharesClock: false)
        #expect(clock.uncertainty == nil)
        clock.observe(sent: 1000, arrived: 1510, answered: 1520, back: 1030)
        #expect(clock.offset == 500)
        #expect(clock.uncertainty == 10)
    }

    @Test func theTightestRoundTripWins() {
        var clock = ClockOffset(sharesClock: false)
        clock.observe(sent: 0, arrived: 110, answered: 110, back: 20)
        clock.observe(sent: 1000, arrived: 1900, answered: 1900, back: 1800)
        #expect(clock.offset == 100)
        #expect(clock.uncertainty == 10)
        clock.observe(sent: 2000, arrived: 2102, answered: 2102, back: 2004)
        #expect(clock.offset == 100)
        #expect(clock.uncertainty == 2)
    }

    /// Offsets of either sign, delays that differ by direction, odd nanoseconds.
    @Test(arguments: UInt64(1)...100)
    func theErrorIsNeverAboveTheUncertainty(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let longest = Int64.random(in: 0...(seed % 2 == 0 ? 5 : 1_000_000), using: &random)
        let offset = Int64.random(in: -1_000_000_000_000...1_000_000_000_000, using: &random)
        var clock = ClockOffset(sharesClock: false)
        var last = Int64.max
        for trip in 0..<50 as Range<Int64> {
            let sent = trip * 10_000_000
            let arrived = sent + .random(in: 0...longest, using: &random)
            let answered = arrived + .random(in: 0...100, using: &random)
            let back = answered + .random(in: 0...longest, using: &random)
            clock.observe(sent: sent, arrived: arrived + offset, answered: answered + offset, back: back)
            let uncertainty = try #require(clock.uncertainty)
            #expect((clock.offset - offset).magnitude <= uncertainty.magnitude, "seed \(seed)")
            // A tight round trip is worth 15 parts in a million less with time; 10 ms lie between two.
            #expect(uncertainty <= last || uncertainty <= last + 50 * 10 * 15, "seed \(seed)")
            last = min(last, uncertainty)
        }
    }

    @Test func lyingStampsAreSurvived() {
        var clock = ClockOffset(sharesClock: false)
        let extremes = [Int64.min, -1, 0, 1, 1 << 61, Int64.max]
        for sent in extremes {
            for arrived in extremes {
                for answered in extremes { clock.observe(sent: sent, arrived: arrived, answered: answered, back: 50) }
            }
        }
        var honest = ClockOffset(sharesClock: false)
        honest.observe(sent: 10, arrived: .max, answered: .max, back: 20)
        honest.observe(sent: 30, arrived: 20, answered: 20, back: 10)
        #expect(honest.uncertainty == nil)
    }

    @Test func lyingStampsMoveWithoutACrash() {
        let stamps = WorkerStamps(received: .min, started: -1, finished: 0, returned: .max)
        #expect(stamps.moved(by: 0) == stamps)
        #expect(stamps.moved(by: 5).started == -6)
        #expect(stamps.moved(by: 5).received == .max - 4)
    }
}
