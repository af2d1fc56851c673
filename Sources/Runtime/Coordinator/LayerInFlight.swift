internal import Cluster
internal import Records
internal import Tensors
internal import Transport

/// One layer of one micro-batch on its way: its chunks, from the first dispatch to the last combine.
final class LayerInFlight {
    let id: ExchangeID
    /// What was seen of the chunks that are combined.
    private(set) var ranks: [RankObservation]
    private(set) var clock: LayerClock

    /// By chunk number; nil once it is combined.
    private var chunks: [ChunkInFlight?] = []
    /// The chunk of each work.
    private var chunkOfWork: [Int] = []
    private var complete: [Int] = []
    private var hasHandedOver = false
    private(set) var combinedTokens = 0

    init(id: ExchangeID, ranks: Int, now: Nanoseconds) {
        self.id = id
        clock = LayerClock(began: now)
        self.ranks = (0..<ranks).map { RankObservation(rank: $0) }
    }

    /// The number that the next chunk gets.
    var nextChunk: Int { chunks.count }

    /// Chunks that are not combined yet.
    private(set) var chunksOut = 0

    /// True when some chunk has all its outputs and waits to be combined.
    var hasCompleteChunk: Bool { !complete.isEmpty }

    func append(_ chunk: DispatchChunk, payloads: [AlignedBuffer], works: [ChunkWork], ready: Nanoseconds) {
        let number = chunks.count
        let firstWork = chunkOfWork.count
        chunks.append(ChunkInFlight(chunk, payloads: payloads, works: works, firstWork: firstWork, ready: ready))
        chunksOut += 1
        chunkOfWork += works.map { _ in number }
        // Tokens of which every copy was dropped wait for nobody.
        if works.isEmpty { complete.append(number) }
    }

    func payload(_ work: Int) -> OutgoingFrame? {
        let number = chunkOfWork[work]
        return chunks[number].map { .buffer($0.payloads[work - $0.firstWork]) }
    }

    func handOver(_ work: Int, at now: Nanoseconds) {
        if !hasHandedOver { clock.firstHandOver = now }
        hasHandedOver = true
        chunks[chunkOfWork[work]]?.handOver(work, at: now)
    }

    func collect(_ work: Int, _ frame: ReceivedFrame, _ stamps: WorkerStamps, at now: Nanoseconds) {
        let number = chunkOfWork[work]
        clock.lastArrival = max(now, clock.firstHandOver)
        clock.complete = clock.lastArrival
        chunks[number]?.collect(work, frame, stamps, at: now)
        if chunks[number]?.isComplete == true { complete.append(number) }
    }

    /// Takes out a chunk whose outputs are all there.
    func takeComplete() -> ChunkInFlight? {
        guard !complete.isEmpty else { return nil }
        let number = complete.removeFirst()
        defer { chunks[number] = nil }
        guard let chunk = chunks[number] else { return nil }
        combinedTokens += chunk.chunk.tokens.count
        chunksOut -= 1
        for (index, part) in chunk.chunk.ranks.enumerated() {
            ranks[part.rank].add(part, chunk.works[index], chunk.stamps[index])
        }
        return chunk
    }

    /// Outputs were combined.
    func combine(at now: Nanoseconds) { clock.ended = now }

    /// The coordinator's own experts are done.
    func finishOwnExperts(busy: Range<Nanoseconds>, at now: Nanoseconds) {
        clock.ownExperts = busy
        clock.complete = now
    }
}
