import Cluster
import Testing

@Suite("Worker: dialling and leaving")
struct DiallingTests {
    @Test func theHelloIsRepeatedUntilAssigned() throws {
        var worker = TestWorker(now: 50)
        let hello = try #require(worker.machine.tick(now: 50).messages.first)
        #expect(hello.envelope.kind == .hello)
        #expect(hello.envelope.payloadBytes == UInt64(hello.control.count))
        #expect(try ControlCoding.decode(Hello.self, from: hello.control) == .worker(0))
        #expect(worker.machine.tick(now: 51).isEmpty)
        #expect(worker.machine.tick(now: 50 + 100 * millisecond - 1).isEmpty)
        #expect(worker.machine.tick(now: 50 + 100 * millisecond) == [.send(hello)])
        try worker.assign(now: 150 * millisecond)
        #expect(worker.machine.tick(now: 300 * millisecond).isEmpty)
    }

    @Test func aWorkerOfOneRunGivesUpDialling() {
        var worker = TestWorker()
        #expect(worker.machine.tick(now: 60 * second).exitReason == nil)
        #expect(worker.machine.tick(now: 60 * second + 1) == [.exit(reason: "no coordinator answered within 60.0 s")])
        #expect(worker.machine.tick(now: 61 * second).isEmpty)
    }

    @Test func aWorkerThatStaysDialsForEver() {
        var worker = TestWorker(stays: true)
        #expect(worker.machine.tick(now: 1_000_000 * second).messages.map(\.envelope.kind) == [.hello])
    }

    @Test func aSilentCoordinatorIsLeft() throws {
        var worker = try TestWorker.serving()
        #expect(worker.receive(.ping, now: second).messages.count == 1)
        #expect(worker.machine.tick(now: 6 * second).exitReason == nil)
        #expect(
            worker.machine.tick(now: 6 * second + 1) == [.exit(reason: "the coordinator has been silent for 5.0 s")]
        )
    }

    @Test func aWorkerThatStaysLooksForTheNextCoordinator() throws {
        var worker = try TestWorker.serving(stays: true)
        #expect(worker.machine.tick(now: 5 * second + 1) == [.redial])
        #expect(worker.machine.tick(now: 5 * second + 2).isEmpty)
        #expect(worker.machine.tick(now: 5 * second + 1 + 100 * millisecond).messages.map(\.envelope.kind) == [.hello])
        #expect(try worker.assign(epoch: 8, now: 6 * second) == [.load(.tiny())])
    }

    @Test func theEndOfTheRunEndsAWorkerOfOneRun() throws {
        for (kind, directives) in [(MessageKind.release, [.bye, .exit(reason: nil)]), (.stop, [.exit(reason: nil)])]
            as [(MessageKind, [WorkerDirective])]
        {
            var worker = try TestWorker.serving()
            #expect(worker.receive(kind) == directives)
            #expect(worker.receive(.ping).isEmpty)
            #expect(worker.machine.tick(now: 1000 * second).isEmpty)
            #expect(worker.machine.failed("x", now: 0).isEmpty)
            #expect(worker.machine.receivedGarbage("x", now: 0).isEmpty)
        }
    }

    @Test func aWorkerThatStaysEndsOnlyWhenStopped() throws {
        var worker = try TestWorker.serving(stays: true)
        #expect(worker.receive(.release, now: second) == [.bye, .redial])
        #expect(worker.machine.tick(now: second + 100 * millisecond).messages.count == 1)
        #expect(worker.receive(.stop) == [.exit(reason: nil)])
    }

    @Test func aRefusalIsPassedOn() throws {
        let refusal = try Message.control(.refuse, Notice(reason: "rank 1 is taken"))
        var worker = TestWorker()
        #expect(
            worker.machine.received(refusal, now: 0)
                == [.exit(reason: "the coordinator refused this worker: rank 1 is taken")]
        )
        var staying = TestWorker(stays: true)
        #expect(staying.machine.received(refusal, now: 0) == [.redial])
        var wordless = TestWorker()
        #expect(
            wordless.receive(.refuse).exitReason == "the coordinator refused this worker: no reason given"
        )
    }
}

/// A worker that did nothing for a while, and what the coordinator says of it.
@Suite("A worker that was away")
struct AbsenceTests {
    @Test func aWorkerTellsThatItWasAway() throws {
        var worker = try TestWorker.serving(.tiny(silenceLimit: 60 * second))
        #expect(worker.machine.tick(now: second).isEmpty)
        let away = Envelope(kind: .away, epoch: TestWorker.epoch, stamps: SIMD4(second, 2 * second + 1, 0, 0))
        #expect(worker.machine.tick(now: 2 * second + 1) == [.send(Message(envelope: away))])
        #expect(worker.machine.tick(now: 2 * second + 2).isEmpty, "once is enough")
    }

    /// Nobody waits for it, or it is over anyhow.
    @Test func whoIsNotServingTellsNothing() throws {
        var dialling = TestWorker()
        #expect(dialling.machine.tick(now: 5 * second).messages.map(\.envelope.kind) == [.hello])
        var silent = try TestWorker.serving(.tiny(silenceLimit: 5 * second))
        #expect(silent.machine.tick(now: 6 * second).exitReason == "the coordinator has been silent for 5.0 s")
    }

    @Test func theCoordinatorNotesIt() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let away = Envelope(
            kind: .away,
            epoch: TestCluster.epoch,
            stamps: SIMD4(5 * second, 6 * second + 250 * millisecond, 0, 0)
        )
        let note =
            "worker 0 (pid 100 on host0) did nothing for 1.3 s: it was stopped, or its host is overloaded; "
            + "measured times show it"
        #expect(cluster.receive(away, from: 0) == [.note(note)])
        #expect(cluster.begin([[.of(1)]]).count == 1, "the run goes on")
    }

    /// Stamps come from another process and may hold anything.
    @Test(arguments: [SIMD4<Int64>(5, 5, 0, 0), SIMD4(5, 4, 0, 0), SIMD4(.min, .max, 0, 0), SIMD4(.max, .min, 0, 0)])
    func impossibleStampsAreNothing(stamps: SIMD4<Int64>) throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.receive(Envelope(kind: .away, epoch: TestCluster.epoch, stamps: stamps), from: 0).isEmpty)
    }
}
