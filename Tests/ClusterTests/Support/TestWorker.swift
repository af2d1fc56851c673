import Cluster
import Tensors

/// A worker driven by hand. Its run has epoch 7 unless told otherwise.
struct TestWorker {
    static let epoch: UInt32 = 7

    var machine: WorkerProtocol

    init(stays: Bool = false, now: Nanoseconds = 0) {
        machine = WorkerProtocol(hello: .worker(0), stays: stays, now: now)
    }

    /// A worker with weights in place at time 0.
    static func serving(_ assignment: Assignment = .tiny(), stays: Bool = false) throws -> TestWorker {
        var worker = TestWorker(stays: stays)
        try worker.assign(assignment)
        _ = worker.machine.loaded(.fresh, now: 0)
        return worker
    }

    @discardableResult
    mutating func assign(_ assignment: Assignment = .tiny(), epoch: UInt32 = epoch, now: Nanoseconds = 0) throws
        -> [WorkerDirective]
    {
        machine.received(try .control(.assign, assignment, epoch: epoch), now: now)
    }

    mutating func receive(_ kind: MessageKind, epoch: UInt32 = epoch, now: Nanoseconds = 0) -> [WorkerDirective] {
        machine.received(Message(envelope: Envelope(kind: kind, epoch: epoch)), now: now)
    }

    mutating func receive(_ batch: TestBatch) -> WorkerRowsDirective {
        machine.received(rows: batch.envelope, table: batch.layout.encodedTable(), now: 0)
    }

    mutating func computed(_ batch: TestBatch) -> Envelope? {
        let stamps = WorkerStamps(received: 1, started: 2, finished: 3, returned: 4)
        return machine.computed(batch.envelope, layout: batch.layout, stamps: stamps)
    }
}

/// A dispatch of `rows` rows of 8 singles, of a step that goes up through two layers unless told otherwise, for the first expert of a worker: 64 + 32 bytes a row there, 32 a row back.
struct TestBatch {
    let layout: BatchLayout
    var envelope: Envelope

    init(
        rows: Int,
        chunk: UInt32 = 0,
        step: UInt32 = 0,
        layer: UInt32 = 0,
        batch: UInt32 = 0,
        exchange: UInt32? = nil,
        epoch: UInt32 = TestWorker.epoch
    ) {
        layout = BatchLayout(segments: [.init(slot: 0, rows: rows)], sentRows: rows, hidden: 8, form: .singles)
        envelope = Envelope(
            kind: .dispatch,
            epoch: epoch,
            step: step,
            layer: layer,
            batch: batch,
            rank: 3,
            chunk: chunk,
            segments: 1,
            rows: UInt32(rows),
            sentRows: UInt32(rows),
            exchange: exchange ?? 1 + 4 * step + 2 * layer + batch,
            payloadBytes: UInt64(layout.byteCount)
        )
    }
}
