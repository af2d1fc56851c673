import Cluster
import Testing

@Suite("Coordinator: liveness")
struct LivenessTests {
    @Test func everyWorkerIsPingedOnceAHeartbeat() throws {
        var cluster = TestCluster(workers: 2)
        try cluster.join(0, now: 0)
        try cluster.join(1, now: second / 2)
        #expect(cluster.machine.tick(now: second - 1).isEmpty)
        #expect(cluster.machine.tick(now: second).pinged == [.worker(0)])
        #expect(cluster.machine.tick(now: second + 1).isEmpty)
        #expect(cluster.machine.tick(now: second * 3 / 2).pinged == [.worker(1)])
        let ping = try #require(cluster.machine.tick(now: 2 * second).messages.first)
        #expect(ping == Message(envelope: Envelope(kind: .ping, epoch: 7, rank: 0, stamps: SIMD4(2 * second, 0, 0, 0))))
    }

    @Test func aSilentWorkerIsLostAfterFourHeartbeats() throws {
        var cluster = try TestCluster.ready(workers: 2)
        for beat in 1...4 as ClosedRange<Nanoseconds> {
            #expect(cluster.machine.tick(now: beat * second).pinged.count == 2)
            pong(&cluster, from: 0, now: beat * second + 1)
        }
        #expect(cluster.machine.tick(now: 5 * second - 1).isEmpty)
        #expect(
            cluster.machine.tick(now: 5 * second).failure
                == "worker 1 (pid 101 on host1) does not answer: no heartbeat for 4.0 s; "
                + "check whether it is stopped or its host is overloaded (cluster.heartbeat_seconds)"
        )
        #expect(cluster.machine.tick(now: 6 * second).isEmpty)
    }

    @Test(arguments: [MessageKind.hello, .ready, .result, .pong])
    func anyMessageIsASignOfLife(kind: MessageKind) throws {
        var cluster = try TestCluster.ready(workers: 1)
        for beat in 1...4 as ClosedRange<Nanoseconds> { _ = cluster.machine.tick(now: beat * second) }
        let envelope = Envelope(kind: kind, epoch: TestCluster.epoch, step: 9)
        #expect(cluster.receive(envelope, from: 0, now: 5 * second - 1).isEmpty)
        for beat in 5...8 as ClosedRange<Nanoseconds> {
            #expect(cluster.machine.tick(now: beat * second).pinged == [.worker(0)])
        }
        #expect(cluster.machine.tick(now: 9 * second).failure != nil)
    }

    /// The coordinator was stopped, or computed, for a minute. The answer to its one ping has long been sent, but its
    /// own socket has not handed it over yet.
    @Test func aCoordinatorThatWasAwayDoesNotBlameItsWorkers() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.machine.tick(now: second).pinged == [.worker(0)])
        #expect(cluster.machine.tick(now: 61 * second).failure == nil)
        pong(&cluster, from: 0, now: 61 * second + 1)
        for beat in 62...65 as ClosedRange<Nanoseconds> {
            #expect(cluster.machine.tick(now: beat * second).pinged == [.worker(0)])
        }
        #expect(cluster.machine.tick(now: 66 * second).failure != nil)
    }

    @Test func theStartHasADeadline() throws {
        var cluster = TestCluster(workers: 4, now: 5 * second)
        try cluster.join(0, rank: 1, now: 14 * second)
        try cluster.join(1, rank: 2, now: 14 * second)
        try cluster.becomeReady(0, now: 14 * second)
        #expect(cluster.machine.tick(now: 15 * second).failure == nil)
        #expect(
            cluster.machine.tick(now: 15 * second + 1).failure
                == "1 of 4 workers were ready after 10.0 s; missing: worker 0, worker 2 (pid 101 on host1), worker 3; "
                + "check that they run and find the coordinator, or allow more time (cluster.start_seconds)"
        )
    }

    @Test func aLayerHasADeadline() throws {
        var cluster = try TestCluster.ready(workers: 3)
        let id = ExchangeID(step: 3, layer: 1, batch: 0)
        cluster.begin([(0..<3).map { .of(10, rank: $0) }], id)
        _ = cluster.collect(.of(10, rank: 1), id)
        for beat in 1...30 as ClosedRange<Nanoseconds> {
            #expect(cluster.machine.tick(now: beat * second).failure == nil)
            for number in 0..<3 { pong(&cluster, from: number, now: beat * second) }
        }
        #expect(
            cluster.machine.tick(now: 30 * second + 1).failure
                == "worker 0 (pid 100 on host0), worker 2 (pid 102 on host2) did not return layer 1 of step 3 "
                + "(warm-up counted) within 30.0 s; allow more time (cluster.layer_seconds) or make the step smaller"
        )
    }

    @Test func betweenLayersNothingIsDue() throws {
        var cluster = try TestCluster.ready(workers: 1)
        cluster.begin([[.of(10)]])
        _ = cluster.collect(.of(10))
        #expect(cluster.machine.tick(now: 1000 * second).failure == nil)
    }

    /// The second micro-batch began 10 s after the first, and has so much longer.
    @Test func eachExchangeHasItsOwnDeadline() throws {
        var cluster = try TestCluster.ready(workers: 1)
        cluster.machine.begin([.first, .second])
        cluster.route([[.of(10)]])
        cluster.route([[.of(10)]], now: 10 * second)
        _ = cluster.collect(.of(10), .first)
        for beat in 1...40 as ClosedRange<Nanoseconds> {
            #expect(cluster.machine.tick(now: beat * second).failure == nil)
            pong(&cluster, from: 0, now: beat * second)
        }
        let failure = cluster.machine.tick(now: 40 * second + 1).failure
        #expect(
            failure?.contains("did not return layer 0 of step 0, micro-batch 1 (warm-up counted) within 30.0 s") == true
        )
    }

    /// What still waits for credit is late, too: nobody gives it back.
    @Test func workThatWaitsForCreditIsLateToo() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 20)
        cluster.begin([[.of(10)], [.of(10)]])
        _ = cluster.collect(.of(10))
        for beat in 1...30 as ClosedRange<Nanoseconds> {
            _ = cluster.machine.tick(now: beat * second)
            pong(&cluster, from: 0, now: beat * second)
        }
        #expect(cluster.machine.tick(now: 30 * second + 1).failure?.hasPrefix("worker 0 (pid 100") == true)
    }

    private func pong(_ cluster: inout TestCluster, from number: Int, now: Nanoseconds) {
        let stamps = SIMD4(now, now, now, 0)
        #expect(cluster.receive(Envelope(kind: .pong, epoch: 7, stamps: stamps), from: number, now: now).isEmpty)
    }
}
