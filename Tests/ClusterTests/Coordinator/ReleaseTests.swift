import Testing

@testable import Cluster

@Suite("Coordinator: release")
struct ReleaseTests {
    private func bye(epoch: UInt32 = TestCluster.epoch) -> Message {
        Message(envelope: Envelope(kind: .bye, epoch: epoch))
    }

    @Test func aRunIsReleasedWhenAllHaveSaidGoodbye() throws {
        var cluster = try TestCluster.ready(workers: 2)
        #expect(cluster.machine.release().count == 2)
        #expect(cluster.machine.received(bye(), from: .worker(0), now: 0).isEmpty)
        #expect(cluster.machine.received(bye(), from: .worker(0), now: 0).isEmpty)
        #expect(cluster.machine.received(bye(), from: .worker(1), now: 0) == [.released])
        #expect(cluster.machine.received(bye(), from: .worker(1), now: 0).isEmpty)
    }

    @Test func whoIsGoneNeedNotSayGoodbye() throws {
        var cluster = try TestCluster.ready(workers: 3)
        _ = cluster.machine.release()
        #expect(cluster.machine.unreachable(.worker(0)).isEmpty)
        #expect(cluster.machine.workerExited(rank: 1, how: "ended").isEmpty)
        #expect(cluster.machine.received(bye(), from: .worker(2), now: 0) == [.released])
    }

    @Test func aGoodbyeOfAnotherRunOrAStrangerDoesNotCount() throws {
        var cluster = try TestCluster.ready(workers: 1)
        _ = cluster.machine.release()
        #expect(cluster.machine.received(bye(epoch: 99), from: .worker(0), now: 0).isEmpty)
        #expect(cluster.machine.received(bye(), from: .worker(5), now: 0).isEmpty)
        #expect(cluster.machine.received(bye(), from: .worker(0), now: 0) == [.released])
    }

    @Test func withoutWorkersThereIsNothingToWaitFor() {
        var cluster = TestCluster(workers: 2)
        #expect(cluster.machine.release() == [.released])
    }

    @Test func alsoAFailedRunIsReleased() throws {
        var cluster = try TestCluster.ready(workers: 2)
        #expect(cluster.machine.unreachable(.worker(1)).failure != nil)
        #expect(cluster.machine.release().count == 2)
        #expect(cluster.machine.unreachable(.worker(1)).isEmpty)
        #expect(cluster.machine.received(bye(), from: .worker(0), now: 0) == [.released])
    }

    @Test func aGoodbyeDuringTheRunIsABreach() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let failure = cluster.machine.received(bye(), from: .worker(0), now: 0).failure
        #expect(failure?.hasPrefix("worker 0 (pid 100 on host0) said goodbye before it was released") == true)
    }
}
