internal import Cluster
internal import Records
internal import Tensors
internal import Transport

/// One chunk between its dispatch and its combine.
struct ChunkInFlight {
    let chunk: DispatchChunk
    /// What each rank is sent, in the order of the chunk's ranks.
    let payloads: [AlignedBuffer]
    /// The work that each rank's part is.
    let works: [ChunkWork]
    /// The index of the first of them in the exchange.
    let firstWork: Int

    /// The outputs of each rank, as they arrived.
    private var results: [ReceivedFrame?]
    private(set) var stamps: [ChunkStamps]
    private var missing: Int

    init(_ chunk: DispatchChunk, payloads: [AlignedBuffer], works: [ChunkWork], firstWork: Int, ready: Nanoseconds) {
        self.chunk = chunk
        self.payloads = payloads
        self.works = works
        self.firstWork = firstWork
        results = [ReceivedFrame?](repeating: nil, count: works.count)
        let unknown = ChunkStamps(
            ready: ready,
            handedOver: 0,
            received: 0,
            started: 0,
            finished: 0,
            returned: 0,
            collected: 0
        )
        stamps = [ChunkStamps](repeating: unknown, count: works.count)
        missing = works.count
    }

    /// True when every rank has returned its outputs.
    var isComplete: Bool { missing == 0 }

    /// The indices of its works in the exchange.
    var workIndices: [Int] { Array(firstWork..<firstWork + works.count) }

    /// Where the outputs of each rank begin; valid as long as the chunk is held.
    @unsafe var outputs: [UnsafeRawPointer?] {
        unsafe results.map { frame in unsafe frame?.withUnsafeBytes { $0.baseAddress } ?? nil }
    }

    mutating func handOver(_ work: Int, at now: Nanoseconds) {
        stamps[work - firstWork].handedOver = now
    }

    mutating func collect(_ work: Int, _ frame: ReceivedFrame, _ worker: WorkerStamps, at now: Nanoseconds) {
        let place = work - firstWork
        stamps[place].received = worker.received
        stamps[place].started = worker.started
        stamps[place].finished = worker.finished
        stamps[place].returned = worker.returned
        stamps[place].collected = now
        results[place] = frame
        missing -= 1
    }
}
