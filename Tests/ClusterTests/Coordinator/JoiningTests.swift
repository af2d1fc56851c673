import Cluster
import Testing

@Suite("Coordinator: joining")
struct JoiningTests {
    @Test func theFirstFreeRankIsGiven() throws {
        var cluster = TestCluster(workers: 3)
        #expect(try cluster.join(5, rank: 1).assignedRank == 1)
        #expect(try cluster.join(6).assignedRank == 0)
        #expect(try cluster.join(7).assignedRank == 2)
        #expect(cluster.machine.joined.map(\.hello.pid) == [106, 105, 107])
        #expect(cluster.machine.joined.map(\.name).first == "worker 0 (pid 106 on host6)")
    }

    @Test func theAssignmentSaysAll() throws {
        var cluster = TestCluster(workers: 2)
        let directives = try cluster.join(1)
        let message = try #require(directives.messages.first)
        #expect(directives.count == 1)
        #expect(message.envelope.kind == .assign)
        #expect(message.envelope.epoch == TestCluster.epoch)
        #expect(message.envelope.payloadBytes == UInt64(message.control.count))
        #expect(try ControlCoding.decode(Assignment.self, from: message.control) == cluster.plan.assignments[0])
    }

    @Test func whoCannotJoinIsToldWhy() throws {
        var cluster = TestCluster(workers: 2)
        try cluster.join(0, rank: 1)
        #expect(try cluster.join(1, rank: 1).refusals == ["rank 1 is taken"])
        #expect(try cluster.join(1, rank: 2).refusals == ["rank 2 in a run of 2 workers"])
        #expect(try cluster.join(1, rank: -1).refusals == ["rank -1 in a run of 2 workers"])
        try cluster.join(1)
        #expect(try cluster.join(2).refusals == ["the run has all its 2 workers"])
        try cluster.becomeReady(0)
        #expect(try cluster.becomeReady(1) == [.clusterReady])
        #expect(try cluster.join(2).refusals == ["the run has all its workers"])
        #expect(cluster.machine.joined.count == 2)
    }

    /// The shell of a worker takes a message whose size is not the announced one for garbage.
    @Test func aRefusalAnnouncesItsPayload() throws {
        var cluster = TestCluster(workers: 1)
        let message = try #require(cluster.join(0, rank: 9).messages.first)
        #expect(message.envelope.kind == .refuse)
        #expect(message.envelope.payloadBytes == UInt64(message.control.count))
        let notice = try ControlCoding.decode(Notice.self, from: message.control)
        #expect(notice.reason == "rank 9 in a run of 1 workers")
    }

    @Test func aRepeatedHelloIsAnsweredAgainUntilReady() throws {
        var cluster = TestCluster(workers: 2)
        let first = try cluster.join(0)
        #expect(try cluster.join(0) == first)
        #expect(cluster.machine.joined.count == 1)
        try cluster.becomeReady(0)
        #expect(try cluster.join(0).isEmpty)
    }

    @Test func aHelloThatIsNoneIsRefused() {
        var cluster = TestCluster(workers: 1)
        let hello = Message(envelope: Envelope(kind: .hello), control: Array("{}".utf8))
        #expect(
            cluster.machine.received(hello, from: .worker(0), now: 0).refusals
                == ["a control payload that is no Hello"]
        )
    }

    /// The shell reads the version before anything else and reports what it cannot read as garbage.
    @Test func aStrangerOfAnotherVersionIsToldSo() throws {
        var bytes = try Message.control(.hello, Hello.worker(0)).envelope.encoded()
        bytes[4] = 4
        let error = #expect(throws: WireError.self) { try Envelope(decoding: bytes) }
        var cluster = TestCluster(workers: 1)
        let directives = cluster.machine.receivedGarbage(error?.description ?? "", from: .worker(0))
        #expect(directives.refusals == ["protocol version 4; this epsim speaks version 6"])
        #expect(directives.messages.map(\.envelope.kind) == [.refuse])
        #expect(directives.failure == nil)
    }

    @Test func everyWorkerMustBeReady() throws {
        var cluster = TestCluster(workers: 2)
        try cluster.join(0)
        #expect(try cluster.becomeReady(0).isEmpty)
        #expect(try cluster.becomeReady(0).isEmpty)
        #expect(cluster.machine.readyCount == 1)
        try cluster.join(1)
        #expect(try cluster.becomeReady(1) == [.clusterReady])
        #expect(try cluster.becomeReady(1).isEmpty)
        #expect(cluster.machine.joined.allSatisfy { $0.ready == .fresh })
    }

    @Test func aReadyThatIsNoneFailsTheRun() throws {
        var cluster = TestCluster(workers: 1)
        try cluster.join(0)
        let ready = Message(envelope: Envelope(kind: .ready, epoch: TestCluster.epoch))
        #expect(
            cluster.machine.received(ready, from: .worker(0), now: 0).failure
                == "worker 0 (pid 100 on host0) sent a control payload that is no Ready; "
                + "check that it runs the same epsim as the coordinator"
        )
    }

    @Test func beingReadyIsTheFirstRoundTripOfTheClocks() throws {
        var cluster = TestCluster(workers: 1)
        let assignment = try cluster.join(0, bootID: "another kernel", now: 100).messages.first
        #expect(assignment?.envelope.stamps == SIMD4(100, 0, 0, 0))
        var ready = try Message.control(.ready, Ready.fresh, epoch: TestCluster.epoch)
        ready.envelope.stamps = SIMD4(100, 5110, 5990, 0)
        #expect(cluster.machine.received(ready, from: .worker(0), now: 1000) == [.clusterReady])
        #expect(cluster.machine.joined.first?.clock.offset == 5000)
        #expect(cluster.machine.joined.first?.clock.uncertainty == 10)
    }

    @Test func strangersCannotDoAnything() throws {
        var cluster = try TestCluster.ready(workers: 1)
        for kind in MessageKind.allCases where kind != .hello {
            let directives = cluster.receive(Envelope(kind: kind, epoch: TestCluster.epoch), from: 9)
            #expect(directives.refusals == ["a message of kind \(kind) before a hello"])
            #expect(directives.failure == nil)
        }
        #expect(cluster.begin([[.of(10)]]).map(\.chunk) == [0])
    }
}

extension [CoordinatorDirective] {
    fileprivate var assignedRank: UInt32? {
        messages.first { $0.envelope.kind == .assign }?.envelope.rank
    }
}
