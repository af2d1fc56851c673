import Cluster
import SimulatedNetwork
import Testing

@Suite("Coordinator and workers over a simulated network")
struct SimulatedRunTests {
    /// Seeds, in blocks that run side by side.
    private static func blocks(_ count: Int) -> [Range<UInt64>] {
        (0..<UInt64(count)).map { $0 * 50..<($0 + 1) * 50 }
    }

    @Test(arguments: blocks(20))
    func runsCompleteOverLinksThatKeepTheirOrder(seeds: Range<UInt64>) {
        for seed in seeds { expectComplete(seed, Faults()) }
    }

    @Test(arguments: blocks(20))
    func runsCompleteOverLinksThatReorderAndRepeat(seeds: Range<UInt64>) {
        for seed in seeds { expectComplete(seed, Faults(keepsOrder: false, duplication: 0.3)) }
    }

    /// Round trips as long as a heartbeat.
    @Test(arguments: blocks(3))
    func runsCompleteOverSlowLinks(seeds: Range<UInt64>) {
        let faults = Faults(longestDelay: 60 * millisecond, keepsOrder: false, duplication: 0.1)
        for seed in seeds { expectComplete(seed, faults) }
    }

    /// Sums are those of the routing, whatever map was in force.
    @Test(arguments: blocks(10))
    func slotsMoveWhileTheRunGoesOn(seeds: Range<UInt64>) {
        var (switched, refused) = (0, 0)
        for seed in seeds {
            var run = SimulatedRun(seed: seed, faults: Faults(duplication: 0.3), movesSlots: true)
            run.run()
            #expect(run.failure == nil && run.isComplete && run.wrongs.isEmpty, "seed \(seed): \(run.wrongs)")
            switched += run.switched
            refused += run.refused
        }
        #expect(switched > 50 && refused > 20)
    }

    @Test(arguments: blocks(2))
    func aWorkerLostWhileSlotsMoveEndsTheRun(seeds: Range<UInt64>) {
        for seed in seeds {
            let time = Nanoseconds(seed % 30) * 20 * millisecond + 200 * millisecond
            let faults = Faults(duplication: 0.2, loss: .worker(0, from: time))
            var run = SimulatedRun(seed: seed, faults: faults, movesSlots: true)
            run.run()
            #expect(run.failure != nil || run.isComplete, "seed \(seed)")
            #expect(run.wrongs.isEmpty && run.endedAt ?? .max < 4 * second, "seed \(seed)")
        }
    }

    @Test(arguments: blocks(6))
    func aLostWorkerEndsTheRunByName(seeds: Range<UInt64>) throws {
        for seed in seeds {
            let lost = Int(seed % 5)
            let time = Nanoseconds(seed % 30) * 40 * millisecond
            let faults = Faults(keepsOrder: seed % 2 == 0, duplication: 0.2, loss: .worker(lost, from: time))
            let run = finished(seed, faults)
            guard lost < run.workers.count else { continue }
            guard let failure = run.failure else {
                #expect(run.isComplete && (run.endedAt ?? .max) < time + second, "seed \(seed)")
                continue
            }
            // A worker that never joined has no name yet, and is missed at the start's deadline.
            let names = [failure.worker ?? "", failure.what].filter { $0.contains("worker ") }
            #expect(names.count == 1, "seed \(seed): \(failure)")
            let isNamed = names.allSatisfy { $0.hasSuffix("(pid 10\(lost) on host\(lost))") }
            let isMissed = failure.what.wholeMatch(of: /.* missing: worker \d/) != nil
            #expect(isNamed || isMissed, "seed \(seed): \(failure)")
            #expect(!run.isComplete, "seed \(seed)")
            #expect(run.endedAt ?? .max < 3 * second + second, "seed \(seed)")
        }
    }

    @Test(arguments: blocks(6))
    func workersDoNotOutliveTheirCoordinator(seeds: Range<UInt64>) {
        for seed in seeds {
            let time = Nanoseconds(seed % 30) * 40 * millisecond
            let faults = Faults(keepsOrder: false, duplication: 0.2, loss: .coordinator(from: time))
            var run = SimulatedRun(seed: seed, faults: faults)
            run.run()
            for worker in run.workers where worker.hasEnded {
                let reason = worker.exitReason ?? "released"
                let reasons = ["the coordinator has been silent for 2.0 s", "no coordinator answered within 60.0 s"]
                #expect(reasons.contains(reason) || run.isComplete, "seed \(seed): \(reason)")
            }
            #expect(run.network.now < 62 * second, "seed \(seed)")
        }
    }

    /// Else the runs above would say nothing of two micro-batches.
    @Test func twoMicroBatchesAreUnderWayAtATime() {
        let runs = (UInt64(1)...20).map { finished($0, Faults()) }.filter { $0.microBatches == 2 }
        let allOverlap = runs.allSatisfy { $0.mostUnderWay == 2 }
        #expect(runs.count > 3 && allOverlap)
    }

    private func expectComplete(_ seed: UInt64, _ faults: Faults) {
        let run = finished(seed, faults)
        // Not `run.isComplete`: a failed expectation would print the whole run.
        let isComplete = run.isComplete
        #expect(isComplete, "seed \(seed): \(run.failure.map(\.description) ?? "no end")")
        let reasons = run.workers.compactMap(\.exitReason)
        #expect(reasons.isEmpty, "seed \(seed): \(reasons)")
        #expect(run.endedAt ?? .max < 10 * second, "seed \(seed)")
    }

    /// What holds of every run, however it ends.
    private func finished(_ seed: UInt64, _ faults: Faults) -> SimulatedRun {
        var run = SimulatedRun(seed: seed, faults: faults)
        run.run()
        let hasEnded = run.endedAt != nil
        #expect(hasEnded, "seed \(seed): neither complete nor failed")
        let staysBehind = run.workers.contains { !run.isDone($0) }
        #expect(!staysBehind, "seed \(seed): a worker stays behind")
        #expect(run.wrongs.isEmpty, "seed \(seed)")
        return run
    }
}
