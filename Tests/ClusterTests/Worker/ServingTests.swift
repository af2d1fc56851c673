import Cluster
import Tensors
import Testing

@Suite("Worker: serving")
struct ServingTests {
    @Test func aBatchIsComputedAndReturned() throws {
        var worker = try TestWorker.serving()
        let batch = TestBatch(rows: 3, chunk: 2, step: 5, layer: 1)
        #expect(worker.receive(batch) == [.compute(batch.envelope, batch.layout)])
        var result = batch.envelope
        result.kind = .result
        result.segments = 0
        result.payloadBytes = 96
        result.stamps = SIMD4(1, 2, 3, 4)
        #expect(worker.computed(batch) == [.sendResult(result)])
    }

    @Test func aSharedExpertIsTheLastSlot() throws {
        let segments = [BatchLayout.Segment(slot: 2, rows: 1)]
        let layout = BatchLayout(segments: segments, hidden: 8, dtype: .f32, carriesWeights: true)
        var envelope = TestBatch(rows: 1).envelope
        envelope.payloadBytes = UInt64(layout.byteCount)
        let message = Message(envelope: envelope)
        var worker = try TestWorker.serving(.tiny(sharedExpert: true, appliesGateWeights: true))
        #expect(worker.machine.received(message, table: layout.encodedTable(), now: 0) == [.compute(envelope, layout)])
        var other = try TestWorker.serving(.tiny(appliesGateWeights: true))
        #expect(
            other.machine.received(message, table: layout.encodedTable(), now: 0).exitReason
                == "the coordinator sent a segment of 1 rows for slot 2; the worker holds 2 experts"
        )
    }

    /// Batches of 5 and 3 rows take 64 + 320 and 64 + 192 bytes.
    @Test func moreThanTheCreditIsRefused() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        #expect(worker.receive(TestBatch(rows: 5)).count == 1)
        let directives = worker.receive(TestBatch(rows: 3, chunk: 1))
        #expect(directives.messages.map(\.envelope.kind) == [.failed])
        #expect(directives.exitReason == "the coordinator sent 256 bytes beyond the credit of 600")
    }

    @Test func creditComesBackWithEachResult() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        for chunk in 0..<10 as Range<UInt32> {
            let batch = TestBatch(rows: 5, chunk: chunk)
            #expect(worker.receive(batch).count == 1)
            #expect(worker.computed(batch).count == 1)
        }
    }

    @Test func aBatchBeyondTheCreditIsTakenAlone() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 100))
        let batch = TestBatch(rows: 50)
        #expect(worker.receive(batch).count == 1)
        #expect(worker.computed(batch).count == 1)
    }

    @Test func aRepeatedBatchIsComputedOnce() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        let batch = TestBatch(rows: 5)
        #expect(worker.receive(batch).count == 1)
        #expect(worker.receive(batch).isEmpty)
        #expect(worker.computed(batch).count == 1)
        #expect(worker.receive(batch).isEmpty)
        let next = TestBatch(rows: 5, layer: 1)
        #expect(worker.receive(next).count == 1)
        #expect(worker.receive(batch).isEmpty)
        #expect(worker.computed(next).count == 1)
        #expect(worker.receive(TestBatch(rows: 5, step: 1)).count == 1)
    }

    @Test func anotherAttemptIsComputedAgain() throws {
        var worker = try TestWorker.serving()
        var batch = TestBatch(rows: 1)
        #expect(worker.receive(batch).count == 1)
        batch.envelope.attempt = 1
        #expect(worker.receive(batch).count == 1)
    }

    @Test func wrongBatchesAreNamed() throws {
        try expectExit("tokens for layer 2 of 2") { $0.layer = 2 }
        try expectExit("tokens for layer 4294967295 of 2") { $0.layer = .max }
        try expectExit("BF16 tokens where F32 was agreed") { $0.dtype = .bf16 }
        try expectExit("segments of 1 rows in a dispatch of 2") { $0.rows = 2 }
        try expectExit("0 segments for a worker that holds 2 experts in layer 0") { $0.segments = 0 }
    }

    @Test func whatIsNotForTheWorkerIsIgnored() throws {
        var worker = try TestWorker.serving()
        for kind in [MessageKind.hello, .ready, .result, .pong, .failed] { #expect(worker.receive(kind).isEmpty) }
        #expect(worker.receive(TestBatch(rows: 1, epoch: 6)).isEmpty)
        #expect(worker.receive(TestBatch(rows: 1)).count == 1)
        var early = TestWorker()
        #expect(early.receive(TestBatch(rows: 1)).isEmpty)
    }

    /// The credit of the new run is whole: what was held for the old one neither counts nor is given back.
    @Test func batchesOfAnOldRunAreForgotten() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600), stays: true)
        let old = TestBatch(rows: 5, step: 9)
        #expect(worker.receive(old).count == 1)
        #expect(worker.receive(.release, now: second) == [.bye, .redial])
        #expect(worker.computed(old).isEmpty)
        try worker.assign(.tiny(creditBytes: 600), epoch: 8)
        _ = worker.machine.loaded(.fresh, now: 0)
        let fresh = TestBatch(rows: 5, epoch: 8)
        #expect(worker.receive(fresh).count == 1)
        #expect(worker.computed(old).isEmpty)
        #expect(
            worker.receive(TestBatch(rows: 5, chunk: 1, epoch: 8)).exitReason
                == "the coordinator sent 384 bytes beyond the credit of 600"
        )
    }

    /// Random headers and tables: none crashes, and what is taken for a batch is one that fits the worker.
    @Test(arguments: UInt64(1)...100)
    func noDispatchCrashes(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            var worker = try TestWorker.serving()
            var envelope = random.envelope(random.happens(0.8) ? .dispatch : .assign)
            if random.happens(0.8) { envelope.epoch = TestWorker.epoch }
            if random.happens(0.5) { (envelope.segments, envelope.layer) = (1, 0) }
            let message = Message(envelope: envelope, control: random.bytes(.random(in: 0...30, using: &random)))
            let table = random.bytes(random.happens(0.5) ? 8 : .random(in: 0...24, using: &random))
            for case .compute(_, let layout) in worker.machine.received(message, table: table, now: 0) {
                #expect(layout.rows == Int(envelope.rows), "seed \(seed)")
                #expect(layout.segments.allSatisfy { $0.slot < 2 }, "seed \(seed)")
            }
        }
    }

    private func expectExit(
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout Envelope) -> Void
    ) throws {
        var worker = try TestWorker.serving()
        var batch = TestBatch(rows: 1)
        change(&batch.envelope)
        let directives = worker.receive(batch)
        #expect(directives.exitReason == "the coordinator sent \(what)", sourceLocation: sourceLocation)
        #expect(directives.messages.map(\.envelope.kind) == [.failed], sourceLocation: sourceLocation)
    }
}
