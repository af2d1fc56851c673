import Cluster

/// A coordinator with its plan, driven by hand. Epoch 7; worker n is peer n with rank n unless told otherwise.
struct TestCluster {
    static let epoch: UInt32 = 7

    var machine: CoordinatorProtocol
    let plan: ClusterPlan

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

    mutating func begin(_ chunks: [ChunkWork], step: UInt32 = 0, layer: UInt32 = 0, now: Nanoseconds = 0)
        -> [CoordinatorDirective]
    {
        machine.begin(step: step, layer: layer, chunks: chunks, now: now)
    }

    /// The answer of a worker to a chunk of layer 0 of step 0.
    static func result(_ chunk: ChunkWork, step: UInt32 = 0, layer: UInt32 = 0) -> Envelope {
        Envelope(
            kind: .result,
            epoch: epoch,
            step: step,
            layer: layer,
            rank: UInt32(chunk.rank),
            chunk: UInt32(chunk.chunk),
            rows: UInt32(chunk.rows),
            payloadBytes: UInt64(chunk.replyBytes),
            stamps: SIMD4(1, 2, 3, 4)
        )
    }
}

extension ChunkWork {
    /// A chunk that takes `bytes` each way.
    static func of(_ bytes: Int, rank: Int = 0, chunk: Int = 0) -> ChunkWork {
        ChunkWork(rank: rank, chunk: chunk, rows: 2, segments: 1, dispatchBytes: bytes, replyBytes: bytes)
    }
}
