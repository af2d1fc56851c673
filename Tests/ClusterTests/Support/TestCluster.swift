import Cluster

/// A coordinator with its plan, driven by hand. Epoch 7; worker n is peer n with rank n unless told otherwise.
struct TestCluster {
    static let epoch: UInt32 = 7

    var machine: CoordinatorProtocol<Int>
    let plan: ClusterPlan

    init(workers: Int, creditBytes: Int = 1000, bootID: String = "", now: Nanoseconds = 0) {
        plan = ClusterPlan(
            epoch: Self.epoch,
            assignments: (0..<workers).map { .tiny(rank: $0, creditBytes: creditBytes) },
            deadlines: deadlines,
            hasOwnExperts: false,
            bootID: bootID
        )
        machine = CoordinatorProtocol(plan: plan, now: now)
    }

    /// A cluster whose workers have all joined and are ready at time 0.
    static func ready(workers: Int, creditBytes: Int = 1000) throws -> TestCluster {
        var cluster = TestCluster(workers: workers, creditBytes: creditBytes)
        for number in 0..<workers { try cluster.join(number) }
        for number in 0..<workers { try cluster.becomeReady(number) }
        return cluster
    }

    @discardableResult
    mutating func join(_ number: Int, rank: Int? = nil, bootID: String = "", now: Nanoseconds = 0) throws
        -> [CoordinatorDirective]
    {
        let hello = try Message.control(.hello, Hello.worker(number, rank: rank, bootID: bootID))
        return machine.received(hello, from: .worker(number), now: now)
    }

    @discardableResult
    mutating func becomeReady(_ number: Int, now: Nanoseconds = 0) throws -> [CoordinatorDirective] {
        var ready = try Message.control(.ready, Ready.fresh, epoch: Self.epoch)
        // More time at the worker than passed here: such an answer tells nothing of the clocks.
        ready.envelope.stamps = SIMD4(now, 0, 1, 0)
        return machine.received(ready, from: .worker(number), now: now)
    }

    /// Worker `number` sends a header without a payload.
    mutating func receive(_ envelope: Envelope, from number: Int, now: Nanoseconds = 0) -> [CoordinatorDirective] {
        guard !envelope.kind.isControl else {
            return machine.received(Message(envelope: envelope), from: .worker(number), now: now)
        }
        return machine.received(rows: envelope, from: .worker(number)).others
    }

    /// Begins a step of one exchange and builds all its chunks at once; the handle of a chunk is its number.
    @discardableResult
    mutating func begin(_ chunks: [[ChunkWork]], _ id: ExchangeID = .first, now: Nanoseconds = 0) -> [Dispatch<Int>] {
        machine.begin([id])
        return route(chunks, now: now)
    }

    /// Routes the next exchange of a step and builds all its chunks at once.
    @discardableResult
    mutating func route(_ chunks: [[ChunkWork]], now: Nanoseconds = 0) -> [Dispatch<Int>] {
        machine.routed(tokens: chunks.count, chunkTokens: 1, now: now)
        return chunks.enumerated().flatMap { machine.built($0, works: $1, upTo: $0 + 1) }
    }

    /// Combines all chunks that are complete, and finishes what can be finished.
    mutating func combine() {
        while true {
            switch machine.next {
            case .combine: _ = machine.combined()
            case .finish: machine.finished()
            case .look: machine.looked()
            default: return
            }
        }
    }

    /// A worker returns its part of a chunk.
    mutating func collect(_ work: ChunkWork, chunk: Int = 0, _ id: ExchangeID = .first, exchange: UInt32 = 1)
        -> RowsDirective<Int>
    {
        let header = Self.result(work, chunk: chunk, id, exchange: exchange)
        return machine.received(rows: header, from: .worker(work.rank))
    }

    /// The answer of a worker to its part of a chunk.
    static func result(_ work: ChunkWork, chunk: Int = 0, _ id: ExchangeID = .first, exchange: UInt32 = 1) -> Envelope {
        Envelope(
            kind: .result,
            pass: id.pass,
            epoch: epoch,
            step: id.step,
            layer: id.layer,
            batch: id.batch,
            rank: UInt32(work.rank),
            chunk: UInt32(chunk),
            rows: UInt32(work.rows),
            sentRows: UInt32(work.sentRows),
            exchange: exchange,
            payloadBytes: UInt64(work.replyBytes),
            stamps: SIMD4(1, 2, 3, 4)
        )
    }
}

extension ExchangeID {
    /// Layer 0 of step 0, of the first micro-batch.
    static let first = ExchangeID(step: 0, layer: 0, batch: 0)
    /// The same of the second micro-batch.
    static let second = ExchangeID(step: 0, layer: 0, batch: 1)
}

extension ChunkWork {
    /// A work of two rows that takes `bytes` each way.
    static func of(_ bytes: Int, rank: Int = 0) -> ChunkWork {
        let layout = BatchLayout(segments: [.init(slot: 0, rows: 2)], sentRows: 2, hidden: 1, form: .singles)
        var work = ChunkWork(rank: rank, layout: layout)
        (work.dispatchBytes, work.replyBytes) = (bytes, bytes)
        return work
    }
}
