import Cluster

/// A coordinator with its plan, driven by hand. Epoch 7; worker n is peer n with rank n unless told otherwise.
struct TestCluster {
    static let epoch: UInt32 = 7

    var machine: CoordinatorProtocol
    let plan: ClusterPlan
    /// Running numbers of the exchanges that have begun.
    private var numbers: [ExchangeID: UInt32] = [:]
    private var begun: UInt32 = 0

    init(workers: Int, creditBytes: Int = 1000, bootID: String = "", now: Nanoseconds = 0) {
        plan = ClusterPlan(
            epoch: Self.epoch,
            assignments: (0..<workers).map { .tiny(rank: $0, creditBytes: creditBytes) },
            deadlines: deadlines,
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

    /// Worker `number` sends a message without a control payload.
    mutating func receive(_ envelope: Envelope, from number: Int, now: Nanoseconds = 0) -> [CoordinatorDirective] {
        machine.received(Message(envelope: envelope), from: .worker(number), now: now)
    }

    /// Begins an exchange and submits all its work at once.
    mutating func begin(_ works: [ChunkWork], _ id: ExchangeID = .first, now: Nanoseconds = 0)
        -> [CoordinatorDirective]
    {
        begun += 1
        numbers[id] = begun
        machine.begin(id, now: now)
        return machine.submit(works, to: id)
    }

    /// The worker returns a work of an exchange.
    mutating func collect(_ work: ChunkWork, _ id: ExchangeID = .first) -> [CoordinatorDirective] {
        receive(Self.result(work, id, exchange: numbers[id] ?? 0), from: work.rank)
    }

    /// The answer of a worker to a work of an exchange.
    static func result(_ work: ChunkWork, _ id: ExchangeID = .first, exchange: UInt32 = 1) -> Envelope {
        Envelope(
            kind: .result,
            pass: id.pass,
            epoch: epoch,
            step: id.step,
            layer: id.layer,
            batch: id.batch,
            rank: UInt32(work.rank),
            chunk: UInt32(work.chunk),
            rows: UInt32(work.rows),
            sentRows: UInt32(work.sentRows),
            exchange: exchange,
            attempt: work.attempt,
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
    static func of(_ bytes: Int, rank: Int = 0, chunk: Int = 0) -> ChunkWork {
        let layout = BatchLayout(segments: [.init(slot: 0, rows: 2)], sentRows: 2, hidden: 1, form: .singles)
        var work = ChunkWork(rank: rank, chunk: chunk, layout: layout)
        (work.dispatchBytes, work.replyBytes) = (bytes, bytes)
        return work
    }

    /// Bytes of a work and its result.
    var bothWays: Int { dispatchBytes + replyBytes }
}
