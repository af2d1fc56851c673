import Cluster
import Tensors
import Testing

@Suite("Coordinator: results")
struct ResultTests {
    private static let advice = "check that it runs the same epsim as the coordinator"
    private let chunks = [ChunkWork.of(100), .of(100, chunk: 1), .of(100, chunk: 2)]

    @Test func aRepeatedResultIsIgnored() throws {
        var cluster = try working()
        #expect(cluster.receive(TestCluster.result(chunks[0]), from: 0).collected == [0])
        #expect(cluster.receive(TestCluster.result(chunks[0]), from: 0).isEmpty)
        #expect(cluster.receive(TestCluster.result(chunks[1]), from: 0).collected == [1])
    }

    /// The number is right and the rest is not: no epsim sends that.
    @Test(arguments: [
        (ExchangeID(step: 0, layer: 1, batch: 1), "layer 1 of step 0, micro-batch 1"),
        (ExchangeID(step: 1, layer: 0, batch: 1), "layer 0 of step 1, micro-batch 1"),
        (ExchangeID(step: 1, layer: 1, batch: 0), "layer 1 of step 1, micro-batch 0"),
        (
            ExchangeID(step: 1, layer: 1, batch: 1, pass: .backward),
            "layer 1 of the backward pass of step 1, micro-batch 1"
        ),
    ])
    func aResultOfAnotherPlaceIsABreach(place: ExchangeID, words: String) throws {
        var cluster = try TestCluster.ready(workers: 1)
        _ = cluster.begin(chunks, ExchangeID(step: 1, layer: 1, batch: 1))
        let failure = cluster.receive(TestCluster.result(chunks[0], place), from: 0).failure
        #expect(
            failure?.contains("sent a result of \(words), where layer 1 of step 1, micro-batch 1, was due; ") == true,
            "\(failure ?? "none")"
        )
    }

    /// The same layer of the same step twice, as on a way back: the number tells whose result it is.
    @Test func theNumberTellsTheWaysApart() throws {
        var cluster = try TestCluster.ready(workers: 1)
        _ = cluster.begin([.of(10)])
        #expect(cluster.collect(.of(10)).collected == [0])
        _ = cluster.machine.release([0], of: .first)
        cluster.machine.end(.first)
        _ = cluster.begin([.of(10)])
        #expect(cluster.receive(TestCluster.result(.of(10), exchange: 1), from: 0).isEmpty)
        #expect(cluster.receive(TestCluster.result(.of(10), exchange: 2), from: 0).collected == [0])
    }

    @Test func aStaleResultIsIgnored() throws {
        var cluster = try working()
        let id = ExchangeID(step: 1, layer: 1, batch: 1)
        let changes: [(inout Envelope) -> Void] = [{ $0.epoch = 6 }, { $0.exchange = 0 }, { $0.exchange = 2 }]
        for change in changes {
            var stale = TestCluster.result(chunks[0], id)
            change(&stale)
            var later = try TestCluster.ready(workers: 1)
            _ = later.begin(chunks, id)
            #expect(later.receive(stale, from: 0).isEmpty)
            #expect(later.collect(chunks[0], id).collected == [0])
        }
        for chunk in chunks { _ = cluster.collect(chunk) }
        #expect(cluster.collect(chunks[0]).isEmpty)
        _ = cluster.machine.release([0, 1, 2], of: .first)
        #expect(cluster.collect(chunks[0]).isEmpty)
    }

    /// Whatever the attempt that is out: what was sent before it may still be answered, and is not what is waited for.
    @Test(arguments: [UInt32(0), 1, .max])
    func aResultOfAnotherAttemptIsIgnored(attempt: UInt32) throws {
        var cluster = try TestCluster.ready(workers: 1)
        var work = chunks[0]
        work.attempt = attempt
        guard case .dispatch(_, _, let envelope, _)? = cluster.begin([work]).first else {
            Issue.record("nothing is sent")
            return
        }
        #expect(envelope.attempt == attempt)
        for other in [attempt &- 1, attempt &+ 1] {
            var late = TestCluster.result(work)
            late.attempt = other
            #expect(cluster.receive(late, from: 0).isEmpty, "attempt \(other)")
        }
        #expect(cluster.collect(work).collected == [0])
        #expect(cluster.collect(work).isEmpty)
    }

    /// The two passes of a layer are two exchanges.
    @Test func theWayBackIsAnotherExchange() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let back = ExchangeID(step: 0, layer: 0, batch: 0, pass: .backward)
        #expect(back != .first)
        guard case .dispatch(back, 0, let envelope, _)? = cluster.begin([.of(10)], back).first else {
            Issue.record("nothing is sent")
            return
        }
        #expect(envelope.pass == .backward)
        #expect(cluster.machine.release([0], of: .first).isEmpty)
        #expect(cluster.collect(.of(10), back).collected == [0])
    }

    @Test func stampsGoWithTheResult() throws {
        var cluster = try working()
        let stamps = WorkerStamps(received: 1, started: 2, finished: 3, returned: 4)
        #expect(
            cluster.receive(TestCluster.result(chunks[0]), from: 0).first == .collect(.first, index: 0, stamps: stamps)
        )
    }

    @Test func stampsAreMovedToTheClockOfTheCoordinator() throws {
        var cluster = try working()
        let pong = Envelope(kind: .pong, epoch: TestCluster.epoch, stamps: SIMD4(1000, 1510, 1520, 0))
        #expect(cluster.receive(pong, from: 0, now: 1030).isEmpty)
        var result = TestCluster.result(chunks[0])
        result.stamps = SIMD4(2500, 2600, 2700, 2800)
        let stamps = WorkerStamps(received: 2000, started: 2100, finished: 2200, returned: 2300)
        #expect(cluster.receive(result, from: 0).first == .collect(.first, index: 0, stamps: stamps))
    }

    @Test func aResultOfTheWrongSizeFailsTheRun() throws {
        try expectFailure(" sent 3 rows, 100 bytes of F32 where 2 rows, 100 bytes of F32 were due") { $0.rows = 3 }
        try expectFailure(" sent 2 rows, 99 bytes of F32 where 2 rows, 100 bytes of F32 were due") {
            $0.payloadBytes = 99
        }
        try expectFailure(" sent 2 rows, 100 bytes of BF16 where 2 rows, 100 bytes of F32 were due") {
            $0.dtype = .bf16
        }
    }

    @Test func aResultOfAnUnknownChunkFailsTheRun() throws {
        try expectFailure(" sent the result of a chunk 9 that it was never given") { $0.chunk = 9 }
        try expectFailure(" sent the result of a chunk 4294967295 that it was never given") { $0.chunk = .max }
    }

    /// The second chunk still waits for credit: a worker that answers it all the same makes rows up.
    @Test func aResultOfAChunkThatWaitsFailsTheRun() throws {
        var cluster = try TestCluster.ready(workers: 1, creditBytes: 200)
        #expect(cluster.begin(chunks).dispatched == [0])
        #expect(
            cluster.receive(TestCluster.result(chunks[1]), from: 0).failure
                == "worker 0 (pid 100 on host0) sent the result of a chunk 1 that it was never given; \(Self.advice)"
        )
    }

    @Test func aResultOfAnotherRankFailsTheRun() throws {
        var cluster = try TestCluster.ready(workers: 2)
        _ = cluster.begin([.of(100, rank: 1)])
        #expect(
            cluster.receive(TestCluster.result(.of(100, rank: 1)), from: 0).failure
                == "worker 0 (pid 100 on host0) sent the result of a chunk 0 that it was never given; \(Self.advice)"
        )
    }

    @Test func aResultBetweenLayersIsIgnored() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.receive(TestCluster.result(chunks[0]), from: 0).isEmpty)
    }

    private func working() throws -> TestCluster {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.begin(chunks).dispatched == [0, 1, 2])
        return cluster
    }

    private func expectFailure(
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout Envelope) -> Void
    ) throws {
        var cluster = try working()
        var result = TestCluster.result(chunks[0])
        change(&result)
        let failure = cluster.receive(result, from: 0).failure
        #expect(failure == "worker 0 (pid 100 on host0)\(what); \(Self.advice)", sourceLocation: sourceLocation)
        #expect(cluster.receive(TestCluster.result(chunks[1]), from: 0).isEmpty, sourceLocation: sourceLocation)
    }
}
