import Cluster
import SimulatedNetwork
import Tensors
import TestSupport
import Testing

@Suite("Worker: serving")
struct ServingTests {
    @Test func aBatchIsComputedAndReturned() throws {
        var worker = try TestWorker.serving()
        let batch = TestBatch(rows: 3, chunk: 2, step: 5, layer: 1)
        #expect(worker.receive(batch) == .compute(batch.envelope, batch.layout))
        var result = batch.envelope
        result.kind = .result
        result.segments = 0
        result.payloadBytes = 96
        result.stamps = SIMD4(1, 2, 3, 4)
        #expect(worker.computed(batch) == result)
    }

    @Test func aSharedExpertIsTheLastSlot() throws {
        let segments = [BatchLayout.Segment(slot: 2, rows: 1)]
        let layout = BatchLayout(segments: segments, sentRows: 1, hidden: 8, form: .weightedSingles)
        var envelope = TestBatch(rows: 1).envelope
        envelope.payloadBytes = UInt64(layout.byteCount)
        let table = layout.encodedTable()
        var worker = try TestWorker.serving(.tiny(sharedExpert: true, form: .weightedSingles))
        #expect(worker.machine.received(rows: envelope, table: table, now: 0) == .compute(envelope, layout))
        var other = try TestWorker.serving(.tiny(form: .weightedSingles))
        #expect(
            other.machine.received(rows: envelope, table: table, now: 0).others.exitReason
                == "the coordinator sent a segment of 1 rows for slot 2; the worker holds 2 experts"
        )
    }

    /// Batches of 5 and 3 rows take 64 + 320 and 64 + 192 bytes.
    @Test func moreThanTheCreditIsRefused() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        #expect(worker.receive(TestBatch(rows: 5)).layout != nil)
        let directives = worker.receive(TestBatch(rows: 3, chunk: 1)).others
        #expect(directives.messages.map(\.envelope.kind) == [.failed])
        #expect(directives.exitReason == "the coordinator sent 256 bytes beyond the credit of 600")
    }

    @Test func creditComesBackWithEachResult() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        for chunk in 0..<10 as Range<UInt32> {
            let batch = TestBatch(rows: 5, chunk: chunk)
            #expect(worker.receive(batch).layout != nil)
            #expect(worker.computed(batch) != nil)
        }
    }

    @Test func aBatchBeyondTheCreditIsTakenAlone() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 100))
        let batch = TestBatch(rows: 50)
        #expect(worker.receive(batch).layout != nil)
        #expect(worker.computed(batch) != nil)
    }

    @Test func aRepeatedBatchIsComputedOnce() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        let batch = TestBatch(rows: 5)
        #expect(worker.receive(batch).layout != nil)
        #expect(worker.receive(batch).isIgnored)
        #expect(worker.computed(batch) != nil)
        #expect(worker.receive(batch).isIgnored)
        let next = TestBatch(rows: 5, layer: 1)
        #expect(worker.receive(next).layout != nil)
        #expect(worker.receive(batch).isIgnored)
        #expect(worker.computed(next) != nil)
        #expect(worker.receive(TestBatch(rows: 5, step: 1)).layout != nil)
    }

    /// On a way back the layers go down: only the running number tells what is new.
    @Test func layersMayComeInAnyOrder() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 10_000))
        let up = [TestBatch(rows: 1, exchange: 1), TestBatch(rows: 1, layer: 1, exchange: 2)]
        let down = [TestBatch(rows: 1, layer: 1, exchange: 3), TestBatch(rows: 1, exchange: 4)]
        for batch in up + down {
            #expect(worker.receive(batch).layout != nil)
            #expect(worker.computed(batch) != nil)
        }
        for batch in up + down { #expect(worker.receive(batch).isIgnored) }
    }

    /// Numbers go on from 0 behind the largest.
    @Test func theNumbersOfExchangesMayRunOver() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 10_000))
        for exchange in [UInt32.max - 1, .max, 0, 1] {
            #expect(worker.receive(TestBatch(rows: 1, exchange: exchange)).layout != nil, "exchange \(exchange)")
        }
        #expect(worker.receive(TestBatch(rows: 1, exchange: .max)).isIgnored)
    }

    /// The second micro-batch is a layer behind, and both repeat what was sent before.
    @Test func twoMicroBatchesAreToldApart() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 10_000))
        let batches = [
            TestBatch(rows: 1, batch: 0), TestBatch(rows: 1, batch: 1), TestBatch(rows: 1, layer: 1, batch: 0),
            TestBatch(rows: 1, chunk: 1, batch: 1), TestBatch(rows: 1, layer: 1, batch: 1),
            TestBatch(rows: 1, step: 1, batch: 0), TestBatch(rows: 1, step: 1, batch: 1),
        ]
        for (index, batch) in batches.enumerated() {
            #expect(worker.receive(batch).layout != nil, "batch \(index)")
            for earlier in batches[...index] { #expect(worker.receive(earlier).isIgnored, "batch \(index)") }
        }
    }

    @Test func theResultNamesItsMicroBatch() throws {
        var worker = try TestWorker.serving()
        let batch = TestBatch(rows: 1, chunk: 3, layer: 1, batch: 1)
        _ = worker.receive(batch)
        let computed = worker.computed(batch)
        let envelope = try #require(computed)
        #expect([envelope.layer, envelope.batch, envelope.chunk, envelope.sentRows] == [1, 1, 3, 1])
    }

    /// The coordinator sends again what it has no answer to: the first one may be lost. Only one counts as held.
    @Test func aFurtherAttemptIsComputedAgain() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600))
        let first = TestBatch(rows: 5)
        var again = first
        again.envelope.attempt = 2
        #expect(worker.receive(first).layout != nil)
        #expect(worker.receive(again).layout != nil)
        #expect(worker.receive(again).isIgnored && worker.receive(first).isIgnored)
        #expect(worker.computed(first) == nil, "nobody waits for the attempt before")
        #expect(worker.computed(again)?.attempt == 2)
        #expect(worker.receive(TestBatch(rows: 5, chunk: 1)).layout != nil, "the credit is whole")
        again.envelope.attempt = 3
        #expect(worker.receive(again).layout != nil)
        #expect(worker.computed(again)?.attempt == 3)
    }

    @Test func theResultNamesItsAttempt() throws {
        var worker = try TestWorker.serving()
        var batch = TestBatch(rows: 1)
        batch.envelope.attempt = 3
        _ = worker.receive(batch)
        #expect(worker.computed(batch)?.attempt == 3)
    }

    /// Rows go out in one type and their sums come back in another.
    @Test func presumsComeBackForTheSentRows() throws {
        let form = RowForm(dispatch: .f32, combine: .bf16, carriesWeights: true, presums: true)
        let layout = BatchLayout(
            segments: [.init(slot: 0, rows: 2), .init(slot: 1, rows: 3)],
            sentRows: 3,
            hidden: 8,
            form: form
        )
        var envelope = TestBatch(rows: 1).envelope
        (envelope.rows, envelope.sentRows, envelope.segments) = (5, 3, 2)
        envelope.payloadBytes = UInt64(layout.byteCount)
        var worker = try TestWorker.serving(.tiny(form: form))
        let directive = worker.machine.received(rows: envelope, table: layout.encodedTable(), now: 0)
        #expect(directive == .compute(envelope, layout))
        let stamps = WorkerStamps(received: 1, started: 2, finished: 3, returned: 4)
        let computed = worker.machine.computed(envelope, layout: layout, stamps: stamps)
        let result = try #require(computed)
        #expect(result.dtype == .bf16)
        #expect(result.payloadBytes == 3 * 16)
    }

    @Test func wrongBatchesAreNamed() throws {
        try expectExit("tokens of a backward pass; this worker computes forward passes only") { $0.pass = .backward }
        try expectExit("tokens for layer 2 of 2") { $0.layer = 2 }
        try expectExit("tokens for layer 4294967295 of 2") { $0.layer = .max }
        try expectExit("tokens of micro-batch 2; a step has at most 2") { $0.batch = 2 }
        try expectExit("tokens of micro-batch 4294967295; a step has at most 2") { $0.batch = .max }
        try expectExit("BF16 tokens where F32 was agreed") { $0.dtype = .bf16 }
        try expectExit("F8_E4M3 tokens where F32 was agreed") { $0.dtype = .f8e4m3 }
        try expectExit("2 sent rows for 1 rows of experts") { $0.sentRows = 2 }
        try expectExit("segments of 1 rows in a dispatch of 2") { $0.rows = 2 }
        try expectExit("0 segments for a worker that holds 2 experts in layer 0") { $0.segments = 0 }
    }

    @Test func whatIsNotForTheWorkerIsIgnored() throws {
        var worker = try TestWorker.serving()
        for kind in [MessageKind.hello, .ready, .pong, .failed] { #expect(worker.receive(kind).isEmpty) }
        #expect(worker.receive(TestBatch(rows: 1, epoch: 6)).isIgnored)
        #expect(worker.receive(TestBatch(rows: 1)).layout != nil)
        var early = TestWorker()
        #expect(early.receive(TestBatch(rows: 1)).isIgnored)
    }

    /// The credit of the new run is whole: what was held for the old one neither counts nor is given back.
    @Test func batchesOfAnOldRunAreForgotten() throws {
        var worker = try TestWorker.serving(.tiny(creditBytes: 600), stays: true)
        let old = TestBatch(rows: 5, step: 9)
        #expect(worker.receive(old).layout != nil)
        #expect(worker.receive(.release, now: second) == [.bye, .redial])
        #expect(worker.computed(old) == nil)
        try worker.assign(.tiny(creditBytes: 600), epoch: 8)
        _ = worker.machine.loaded(.fresh, now: 0)
        let fresh = TestBatch(rows: 5, epoch: 8)
        #expect(worker.receive(fresh).layout != nil)
        #expect(worker.computed(old) == nil)
        #expect(
            worker.receive(TestBatch(rows: 5, chunk: 1, epoch: 8)).others.exitReason
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
            if random.happens(0.5) { (envelope.segments, envelope.layer, envelope.batch) = (1, 0, 0) }
            guard !envelope.kind.isControl else {
                let control = random.bytes(.random(in: 0...30, using: &random))
                _ = worker.machine.received(Message(envelope: envelope, control: control), now: 0)
                continue
            }
            let table = random.bytes(random.happens(0.5) ? 8 : .random(in: 0...24, using: &random))
            guard let layout = worker.machine.received(rows: envelope, table: table, now: 0).layout else { continue }
            #expect(layout.rows == Int(envelope.rows), "seed \(seed)")
            #expect(layout.segments.allSatisfy { $0.slot < 2 }, "seed \(seed)")
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
        let directives = worker.receive(batch).others
        #expect(directives.exitReason == "the coordinator sent \(what)", sourceLocation: sourceLocation)
        #expect(directives.messages.map(\.envelope.kind) == [.failed], sourceLocation: sourceLocation)
    }
}
