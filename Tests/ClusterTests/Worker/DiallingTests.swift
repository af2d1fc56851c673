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
        #expect(worker.machine.tick(now: 6 * second).isEmpty)
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
