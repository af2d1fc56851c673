internal import Cluster
internal import Records
internal import Tensors
internal import Transport

/// The dispatch and result payloads of one chunk in flight, with the time stamps of each rank's part.
final class ChunkInFlight {
    let chunk: DispatchChunk
    /// The dispatch payload of each rank, in the order of the chunk's ranks.
    let payloads: [AlignedBuffer]
    /// The rows and bytes of each rank's part of the chunk, in the order of the chunk's ranks.
    let works: [ChunkWork]

    /// The result payload of each rank, as it arrived; nil until then.
    private var results: [ReceivedFrame?]
    private(set) var stamps: [ChunkStamps]

    init(_ chunk: DispatchChunk, payloads: [AlignedBuffer], works: [ChunkWork], ready: Nanoseconds) {
        self.chunk = chunk
        self.payloads = payloads
        self.works = works
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
    }

    /// The address of each rank's outputs, in the order of the chunk's ranks; valid as long as the chunk is held.
    @unsafe var outputs: [UnsafeRawPointer?] {
        unsafe results.map { frame in unsafe frame?.withUnsafeBytes { $0.baseAddress } ?? nil }
    }

    func handOver(_ part: Int, at now: Nanoseconds) {
        stamps[part].handedOver = now
    }

    func collect(_ part: Int, _ frame: ReceivedFrame, _ worker: WorkerStamps, at now: Nanoseconds) {
        stamps[part].received = worker.received
        stamps[part].started = worker.started
        stamps[part].finished = worker.finished
        stamps[part].returned = worker.returned
        stamps[part].collected = now
        results[part] = frame
    }
}
