import Cluster
import Records
import Testing

@testable import Runtime

/// What the coordinator's thread spends its time on.
@Suite struct WorkClockTests {
    /// Keeps the processor busy for two milliseconds.
    private func work() {
        let end = MonotonicClock.ofThread() + 2_000_000
        while MonotonicClock.ofThread() < end {}
    }

    @Test func timeCountsForWhatWasEntered() {
        let clock = WorkClock(layers: 2)
        clock.begin()
        clock.enter(.gate, layer: 0, batch: 0)
        work()
        clock.enter(.permute, layer: 1, batch: 0)
        work()
        clock.enter(.messages, layer: 1, batch: 0)
        #expect(clock.seconds[0].gate >= 2e-3 && clock.seconds[0].permute == 0)
        #expect(clock.seconds[1].permute >= 2e-3 && clock.seconds[1].gate == 0)
        #expect(clock.seconds[1].combine == 0)
    }

    /// Sleeping takes no processor time.
    @Test func waitingIsNotWork() {
        let clock = WorkClock(layers: 1)
        clock.begin()
        clock.enter(.combine, layer: 0, batch: 0)
        MonotonicClock.sleep(20_000_000)
        clock.enter(.messages, layer: 0, batch: 0)
        #expect(clock.seconds[0].combine < 10e-3)
        #expect(clock.busy.count == 1 && clock.busy[0].time.upperBound - clock.busy[0].time.lowerBound >= 20_000_000)
    }

    @Test func onlyWorkOnTokensIsBusy() {
        let clock = WorkClock(layers: 1)
        clock.begin()
        let started = MonotonicClock.now()
        clock.enter(.gate, layer: 0, batch: 0)
        clock.enter(.messages, layer: 0, batch: 0)
        work()
        clock.enter(.combine, layer: 0, batch: 0)
        clock.enter(.permute, layer: 0, batch: 0)
        clock.enter(.messages, layer: 0, batch: 0)
        #expect(clock.busy.map(\.work) == [.gate, .combine, .permute])
        #expect(clock.busy.allSatisfy { $0.time.lowerBound >= started })
        #expect(zip(clock.busy, clock.busy.dropFirst()).allSatisfy { $0.time.upperBound <= $1.time.lowerBound })
        #expect(clock.busy[1].time.lowerBound - clock.busy[0].time.upperBound >= 2_000_000)
    }

    @Test func aStepBeginsAnew() {
        let clock = WorkClock(layers: 1)
        clock.begin()
        clock.enter(.gate, layer: 0, batch: 0)
        work()
        clock.enter(.messages, layer: 0, batch: 0)
        clock.begin()
        #expect(clock.busy.isEmpty && clock.seconds[0].total == 0)
    }
}
