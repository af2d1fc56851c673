import Cluster
import SimulatedNetwork
import TestSupport
import Testing

@Suite("Coordinator: failures and the end")
struct FailureTests {
    private static let name = "worker 0 (pid 100 on host0)"

    @Test func aWorkerMayGiveUp() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let notice = try Message.control(.failed, Notice(reason: "no memory"), epoch: TestCluster.epoch)
        #expect(
            cluster.machine.received(notice, from: .worker(0), now: 0).failure
                == "\(Self.name) gave up: no memory; mend the cause and start the run again"
        )
    }

    @Test func aFailureWithoutAReasonIsOneToo() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(
            cluster.receive(Envelope(kind: .failed, epoch: TestCluster.epoch), from: 0).failure
                == "\(Self.name) gave up: no reason given; mend the cause and start the run again"
        )
    }

    @Test func garbageFromAMemberFailsTheRun() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(
            cluster.machine.receivedGarbage("an envelope of 3 bytes; it has 120", from: .worker(0)).failure
                == "\(Self.name) sent an envelope of 3 bytes; it has 120; "
                + "check that it runs the same epsim as the coordinator"
        )
    }

    @Test func garbageFromAStrangerDoesNot() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let directives = cluster.machine.receivedGarbage("an envelope of 3 bytes; it has 120", from: .worker(9))
        #expect(directives.refusals == ["an envelope of 3 bytes; it has 120"])
        #expect(directives.failure == nil)
        #expect(cluster.begin([[.of(1)]]).map(\.chunk) == [0])
    }

    @Test(arguments: [MessageKind.assign, .dispatch, .ping, .refuse, .release, .stop])
    func aWorkerMustNotActAsACoordinator(kind: MessageKind) throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(
            cluster.receive(Envelope(kind: kind, epoch: TestCluster.epoch), from: 0).failure
                == "\(Self.name) sent a message of kind \(kind), which only a coordinator sends; "
                + "check that it runs the same epsim as the coordinator"
        )
    }

    @Test func anUnreachableWorkerFailsTheRun() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.machine.unreachable(.worker(9)).isEmpty)
        #expect(
            cluster.machine.unreachable(.worker(0)).failure
                == "\(Self.name) is gone: its connection closed; see its log, or start it again"
        )
    }

    @Test func aProcessThatEndsFailsTheRun() throws {
        var cluster = TestCluster(workers: 2)
        try cluster.join(0)
        var other = cluster
        #expect(
            cluster.machine.workerExited(rank: 0, how: "was killed by signal 9").failure
                == "\(Self.name) was killed by signal 9; see its log, or start the run again"
        )
        #expect(
            other.machine.workerExited(rank: 1, how: "ended with code 1").failure
                == "worker 1 ended with code 1; see its log, or start the run again"
        )
    }

    /// What a lost worker had not returned is told.
    @Test func whatALostWorkerHadIsTold() throws {
        var cluster = try TestCluster.ready(workers: 2)
        cluster.begin([[.of(10), .of(10, rank: 1)], [.of(10, rank: 1)]], ExchangeID(step: 4, layer: 1, batch: 0))
        #expect(
            cluster.machine.unreachable(.worker(1)).failure
                == "worker 1 (pid 101 on host1) is gone: its connection closed; 2 chunks of layer 1 of step 4 "
                + "(warm-up counted) not returned; see its log, or start it again"
        )
    }

    @Test func afterTheEndNothingIsAskedFor() throws {
        var cluster = try TestCluster.ready(workers: 2)
        cluster.begin([[.of(10), .of(10, rank: 1)]])
        #expect(cluster.machine.unreachable(.worker(1)).failure != nil)
        #expect(cluster.receive(TestCluster.result(.of(10)), from: 0).isEmpty)
        #expect(try cluster.join(3).isEmpty)
        #expect(cluster.machine.receivedGarbage("x", from: .worker(0)).isEmpty)
        #expect(cluster.machine.receivedGarbage("x", from: .worker(9)).isEmpty)
        #expect(cluster.machine.unreachable(.worker(0)).isEmpty)
        #expect(cluster.machine.workerExited(rank: 0, how: "ended").isEmpty)
        #expect(cluster.machine.tick(now: 1000 * second).isEmpty)
    }

    @Test func everyWorkerIsToldTheEnd() throws {
        var cluster = TestCluster(workers: 3)
        try cluster.join(0)
        try cluster.join(1)
        let ends = (0..<2).map { number in
            let envelope = Envelope(kind: .release, epoch: TestCluster.epoch, rank: UInt32(number))
            return CoordinatorDirective.send(Message(envelope: envelope), to: .worker(number))
        }
        #expect(cluster.machine.release() == ends)
        #expect(cluster.machine.tick(now: 1000 * second).isEmpty)
    }

    /// Random messages from members, strangers and ghosts: none crashes, and a failure names who sent it.
    @Test(arguments: UInt64(1)...100)
    func noMessageCrashes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var cluster = random.happens(0.3) ? TestCluster(workers: 2) : try TestCluster.ready(workers: 2, creditBytes: 30)
        if cluster.machine.readyCount == 2 { cluster.begin([[.of(10), .of(10, rank: 1)], [.of(10)]]) }
        for index in 0..<200 as Range<Nanoseconds> {
            let kind = MessageKind.allCases.randomElement(using: &random) ?? .hello
            var envelope = random.envelope(kind)
            if random.happens(0.8) { envelope.epoch = TestCluster.epoch }
            if random.happens(0.5) {
                (envelope.step, envelope.layer, envelope.batch, envelope.exchange, envelope.pass) = (
                    0, 0, 0, 1, .forward
                )
            }
            let message = Message(envelope: envelope, control: random.bytes(.random(in: 0...40, using: &random)))
            let sender = Int.random(in: 0...2, using: &random)
            let directives =
                kind.isControl
                ? cluster.machine.received(message, from: .worker(sender), now: index * millisecond)
                : cluster.machine.received(rows: envelope, from: .worker(sender)).others
            guard let failure = directives.failure else { continue }
            #expect(failure.hasPrefix("worker \(sender) (pid 10\(sender) on host\(sender)) "), "seed \(seed)")
            return
        }
    }
}
