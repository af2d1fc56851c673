import Cluster
import Testing

@Suite("Worker: loading")
struct LoadingTests {
    @Test func weightsAreLoadedOnce() throws {
        var worker = TestWorker()
        #expect(try worker.assign() == [.load(.tiny())])
        #expect(try worker.assign().isEmpty)
        let ready = try Message.control(.ready, Ready.fresh, epoch: TestWorker.epoch)
        #expect(worker.machine.loaded(.fresh, now: 0) == [.send(ready)])
        #expect(worker.machine.loaded(.fresh, now: 0).isEmpty)
        #expect(try worker.assign().isEmpty)
    }

    @Test func aWorkerWithNothingAssignedHasLoadedNothing() {
        var worker = TestWorker()
        #expect(worker.machine.loaded(.fresh, now: 0).isEmpty)
    }

    @Test func heartbeatsAreAnsweredWhileLoading() throws {
        var worker = TestWorker()
        #expect(worker.receive(.ping).isEmpty)
        try worker.assign()
        let ping = Envelope(kind: .ping, epoch: TestWorker.epoch, rank: 3, stamps: SIMD4(17, 0, 0, 0))
        let pong = Envelope(kind: .pong, epoch: TestWorker.epoch, rank: 3, stamps: SIMD4(17, 40, 40, 0))
        #expect(worker.machine.received(Message(envelope: ping), now: 40) == [.send(Message(envelope: pong))])
        #expect(worker.receive(.ping, epoch: 6).isEmpty)
    }

    @Test func whatCannotBeDoneIsTold() throws {
        var worker = TestWorker()
        try worker.assign()
        let directives = worker.machine.failed("cannot load its experts: no memory")
        let notice = try Message.control(.failed, Notice(reason: "cannot load its experts: no memory"), epoch: 7)
        #expect(directives == [.send(notice), .exit(reason: "cannot load its experts: no memory")])
    }

    @Test func garbageIsTold() throws {
        var worker = TestWorker()
        let directives = worker.machine.receivedGarbage("message kind 99", now: 0)
        let notice = try Message.control(.failed, Notice(reason: "the coordinator sent message kind 99"))
        #expect(directives == [.send(notice), .exit(reason: "the coordinator sent message kind 99")])
    }

    @Test func anAssignmentMustMakeSense() throws {
        var assignment = Assignment.tiny()
        assignment.weights.experts.removeLast()
        var worker = TestWorker()
        #expect(
            try worker.assign(assignment).exitReason
                == "the coordinator sent an assignment of experts in 1 layers of a model of 2"
        )
        var other = TestWorker()
        #expect(
            other.receive(.assign).exitReason == "the coordinator sent a control payload that is no Assignment"
        )
    }

    /// The first load is still under way when the worker leaves its run and joins the next: the end of the first load
    /// does not mean that the second is done.
    @Test func theEndOfAnOldLoadIsNotTheEndOfTheNext() throws {
        var worker = TestWorker(stays: true)
        try worker.assign(epoch: 7)
        #expect(worker.receive(.release, now: second) == [.bye, .redial])
        try worker.assign(.tiny(held: [2, 3]), epoch: 8, now: 2 * second)
        #expect(worker.machine.loaded(.fresh, now: 0).isEmpty)
        var ready = try Message.control(.ready, Ready.fresh, epoch: 8)
        // When the second assignment was sent, received and answered.
        ready.envelope.stamps = SIMD4(0, 2 * second, 3 * second, 0)
        #expect(worker.machine.loaded(.fresh, now: 3 * second) == [.send(ready)])
    }
}
