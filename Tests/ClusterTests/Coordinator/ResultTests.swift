import Cluster
import Tensors
import Testing

@Suite("Coordinator: results")
struct ResultTests {
    private static let advice = "check that it runs the same epsim as the coordinator"
    /// One work a chunk.
    private let chunks = [[ChunkWork.of(100)], [.of(100)], [.of(100)]]
    private let work = ChunkWork.of(100)

    @Test func aRepeatedResultIsIgnored() throws {
        var cluster = try working()
        #expect(cluster.collect(work).collected == [0, 0])
        #expect(cluster.collect(work).isIgnored)
        #expect(cluster.collect(work, chunk: 1).collected == [1, 0])
    }

    /// The number is right and the rest is not: no epsim sends that.
    @Test(arguments: [
        (ExchangeID(step: 0, layer: 1, batch: 1), "layer 1 of step 0, micro-batch 1"),
        (ExchangeID(step: 1, layer: 0, batch: 1), "layer 0 of step 1, micro-batch 1"),
        (ExchangeID(step: 1, layer: 1, batch: 0), "layer 1 of step 1"),
        (
            ExchangeID(step: 1, layer: 1, batch: 1, pass: .backward),
            "layer 1 of the backward pass of step 1, micro-batch 1"
        ),
    ])
    func aResultOfAnotherPlaceIsABreach(place: ExchangeID, words: String) throws {
        var cluster = try TestCluster.ready(workers: 1)
        cluster.begin(chunks, ExchangeID(step: 1, layer: 1, batch: 1))
        let failure = cluster.collect(work, place).others.failure
        #expect(
            failure?.contains("sent a result of \(words), where layer 1 of step 1, micro-batch 1 was due; ") == true,
            "\(failure ?? "none")"
        )
    }

    /// The same layer of the same step twice, as on a way back: the number tells whose result it is.
    @Test func theNumberTellsTheWaysApart() throws {
        var cluster = try TestCluster.ready(workers: 1)
        cluster.begin([[work]])
        #expect(cluster.collect(work).collected == [0, 0])
        cluster.combine()
        cluster.begin([[work]])
        #expect(cluster.collect(work, exchange: 1).isIgnored)
        #expect(cluster.collect(work, exchange: 2).collected == [0, 0])
    }

    @Test func aStaleResultIsIgnored() throws {
        let id = ExchangeID(step: 1, layer: 1, batch: 1)
        let changes: [(inout Envelope) -> Void] = [{ $0.epoch = 6 }, { $0.exchange = 0 }]
        for change in changes {
            var stale = TestCluster.result(work, id)
            change(&stale)
            var later = try TestCluster.ready(workers: 1)
            later.begin(chunks, id)
            #expect(later.receive(stale, from: 0).isEmpty)
            #expect(later.collect(work, id).collected == [0, 0])
        }
        var cluster = try working()
        for chunk in chunks.indices { _ = cluster.collect(work, chunk: chunk) }
        #expect(cluster.collect(work).isIgnored)
        _ = cluster.machine.combined()
        #expect(cluster.collect(work).isIgnored)
        cluster.combine()
        #expect(cluster.collect(work).isIgnored)
    }

    /// What was sent before may still be answered, and is not what is waited for.
    @Test func aResultOfAnotherAttemptIsIgnored() throws {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.begin([[work]]).map(\.envelope.attempt) == [0])
        for other in [1, .max] as [UInt32] {
            var late = TestCluster.result(work)
            late.attempt = other
            #expect(cluster.receive(late, from: 0).isEmpty, "attempt \(other)")
        }
        #expect(cluster.collect(work).collected == [0, 0])
    }

    /// The two passes of a layer are two exchanges.
    @Test func theWayBackIsAnotherExchange() throws {
        var cluster = try TestCluster.ready(workers: 1)
        let back = ExchangeID(step: 0, layer: 0, batch: 0, pass: .backward)
        #expect(back != .first)
        #expect(cluster.begin([[work]], back).map(\.envelope.pass) == [.backward])
        #expect(cluster.collect(work, back).collected == [0, 0])
    }

    /// No epsim answers what it was not sent.
    @Test func aResultOfAnExchangeThatHasNotBegunIsABreach() throws {
        var cluster = try working()
        #expect(
            cluster.collect(work, exchange: 2).others.failure
                == "worker 0 (pid 100 on host0) sent a result of exchange 2, which has not begun; \(Self.advice)"
        )
    }

    /// Nor does it answer for a rank, also when the others have.
    @Test func aResultOfARankWithoutAPartIsABreach() throws {
        var cluster = try TestCluster.ready(workers: 2)
        cluster.begin([[work], [work]])
        _ = cluster.collect(work)
        _ = cluster.machine.combined()
        let failure = cluster.receive(TestCluster.result(.of(100, rank: 1)), from: 1).failure
        #expect(failure?.contains("sent the result of a chunk 0 that it was never given") == true)
    }

    @Test func stampsGoWithTheResult() throws {
        var cluster = try working()
        #expect(cluster.collect(work).stamps == WorkerStamps(received: 1, started: 2, finished: 3, returned: 4))
    }

    @Test func stampsAreMovedToTheClockOfTheCoordinator() throws {
        var cluster = try working()
        let pong = Envelope(kind: .pong, epoch: TestCluster.epoch, stamps: SIMD4(1000, 1510, 1520, 0))
        #expect(cluster.receive(pong, from: 0, now: 1030).isEmpty)
        var result = TestCluster.result(work)
        result.stamps = SIMD4(2500, 2600, 2700, 2800)
        let stamps = WorkerStamps(received: 2000, started: 2100, finished: 2200, returned: 2300)
        #expect(cluster.machine.received(rows: result, from: .worker(0)).stamps == stamps)
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
        #expect(cluster.begin(chunks).map(\.chunk) == [0])
        #expect(
            cluster.collect(work, chunk: 1).others.failure
                == "worker 0 (pid 100 on host0) sent the result of a chunk 1 that it was never given; \(Self.advice)"
        )
    }

    @Test func aResultOfAnotherRankFailsTheRun() throws {
        var cluster = try TestCluster.ready(workers: 2)
        cluster.begin([[.of(100, rank: 1)]])
        #expect(
            cluster.receive(TestCluster.result(.of(100, rank: 1)), from: 0).failure
                == "worker 0 (pid 100 on host0) sent the result of a chunk 0 that it was never given; \(Self.advice)"
        )
    }

    @Test func aResultBetweenLayersIsIgnored() throws {
        var cluster = try TestCluster.ready(workers: 1)
        cluster.begin([[work]])
        _ = cluster.collect(work)
        cluster.combine()
        #expect(cluster.collect(work).isIgnored)
    }

    @Test func rowsOfAStrangerAreRefused() throws {
        var cluster = try working()
        #expect(
            cluster.receive(TestCluster.result(work), from: 9).refusals == ["a message of kind result before a hello"]
        )
        #expect(cluster.collect(work).collected == [0, 0])
    }

    @Test func theHeaderDescribesTheWork() throws {
        var cluster = try TestCluster.ready(workers: 2)
        let layout = BatchLayout(
            segments: [.init(slot: 0, rows: 2), .init(slot: 1, rows: 1)],
            sentRows: 2,
            hidden: 8,
            form: .singles
        )
        let work = ChunkWork(rank: 1, layout: layout)
        #expect(work.replyBytes == 3 * 32)
        let dispatches = cluster.begin([[], [work]], ExchangeID(step: 5, layer: 1, batch: 1))
        let envelope = Envelope(
            kind: .dispatch,
            epoch: TestCluster.epoch,
            step: 5,
            layer: 1,
            batch: 1,
            rank: 1,
            chunk: 1,
            segments: 2,
            rows: 3,
            sentRows: 2,
            exchange: 1,
            payloadBytes: 64 + 2 * 32
        )
        #expect(dispatches.map(\.envelope) == [envelope])
        #expect(dispatches.map(\.peer) == [.worker(1)] && dispatches.map(\.part) == [0])
    }

    private func working() throws -> TestCluster {
        var cluster = try TestCluster.ready(workers: 1)
        #expect(cluster.begin(chunks).map(\.chunk) == [0, 1, 2])
        return cluster
    }

    private func expectFailure(
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout Envelope) -> Void
    ) throws {
        var cluster = try working()
        var result = TestCluster.result(work)
        change(&result)
        let failure = cluster.receive(result, from: 0).failure
        #expect(failure == "worker 0 (pid 100 on host0)\(what); \(Self.advice)", sourceLocation: sourceLocation)
        #expect(cluster.collect(work, chunk: 1).isIgnored, sourceLocation: sourceLocation)
    }
}
