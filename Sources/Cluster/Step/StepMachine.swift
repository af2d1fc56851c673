/// The state machine of a step: it decides what is routed, built, sent, combined and finished next.
///
/// Its driver, a coordinator's process or a simulation of one, asks ``next`` what to do, does it, and says so by the
/// event of the same name; what arrives meanwhile are events, too. The machine has no clock and no tokens: it knows how
/// many bytes are where, and what must wait for what. The article *The life of a step* draws it.
///
/// An exchange is routed, then built in chunks, each of which goes out as far as its ranks' credit allows; a chunk
/// whose outputs are all there is combined, and an exchange whose chunks are all combined is finished. What has begun
/// goes before what has not: combine, finish, build, route; behind each chunk that is built the driver reads what has
/// arrived. An exchange is built as a whole before the next one is routed, and a micro-batch has one exchange under way
/// at a time.
///
/// `Chunk` is the handle by which the driver knows the payloads of a chunk; the machine gives back what it was given.
public struct StepMachine<Chunk> {
    /// An action that the driver carries out next.
    public enum Action {
        /// Route the tokens of an exchange, then call ``StepMachine/routed(tokens:chunkTokens:now:)``.
        case route(ExchangeID)
        /// Build a chunk of these tokens of an exchange, or of the first of them, then call
        /// ``StepMachine/built(_:works:upTo:)``.
        case build(ExchangeID, tokens: Range<Int>)
        /// Sum the outputs of a chunk, then call ``StepMachine/combined()``.
        case combine(Chunk, of: ExchangeID)
        /// Add the outputs that the coordinator computed itself, then call ``StepMachine/finished()``.
        case finish(ExchangeID)
        /// Read the messages that have arrived, without waiting and until a chunk has all its results, then call
        /// ``StepMachine/looked()``.
        case look
        /// Wait for a result, for the coordinator's own experts, or for time to pass.
        case wait
        /// End the loop: the step is over.
        case end
    }

    /// A piece, one rank's part of a chunk, that the driver sends now.
    public struct Handover {
        /// The name of the piece.
        public let piece: PieceID
        /// The exchange of the piece.
        public let exchange: ExchangeID
        /// The driver's handle of the piece's chunk.
        public let chunk: Chunk
        /// The index of the piece among the works of the chunk.
        public let part: Int
        /// The work of the piece: its rank, rows and bytes.
        public let work: ChunkWork
        /// The number of times that the piece was sent before.
        public let attempt: UInt32
    }

    private let bounds: StepBounds
    private var ranks: [RankState]
    /// The exchanges that are still to be routed, in order.
    private var schedule: ArraySlice<ExchangeID> = []
    /// The exchanges that are under way, oldest first: at most one of a micro-batch.
    private var exchanges: [ExchangeState] = []
    /// The driver's handles of the chunks that are not combined yet.
    private var handles: [ChunkID: Chunk] = [:]
    /// Whether messages must be read next: a chunk was built, and no message was read since.
    private var hasToLook = false
    /// The number of exchanges that have begun.
    private var begun: UInt32 = 0
    /// Chunks whose outputs are all there, and exchanges that can be finished, in the order in which they came to be.
    private var complete: [ChunkID] = []
    private var finishable: [UInt32] = []

    /// A machine for the steps of a run. No rank has joined yet.
    ///
    /// - Precondition: `depth` is at least 1.
    public init(_ bounds: StepBounds) {
        precondition(bounds.depth >= 1, "a depth of \(bounds.depth) chunks")
        self.bounds = bounds
        ranks = bounds.credits.map { RankState(credit: $0) }
    }

    /// The next action of the driver; the same until the next event.
    public var next: Action {
        if let first = complete.first, let place = place(first.exchange), let handle = handles[first] {
            return .combine(handle, of: exchanges[place].id)
        }
        if let first = finishable.first, let place = place(first) { return .finish(exchanges[place].id) }
        if hasToLook { return .look }
        if let newest = exchanges.indices.last, let tokens = exchanges[newest].ranges.next {
            return exchanges[newest].canBuild(depth: bounds.depth)
                ? .build(exchanges[newest].id, tokens: tokens) : .wait
        }
        if let upcoming = schedule.first, !exchanges.contains(where: { $0.id.batch == upcoming.batch }) {
            return .route(upcoming)
        }
        return schedule.isEmpty && exchanges.isEmpty ? .end : .wait
    }

    /// True when some chunk has all its outputs and waits to be combined.
    public var hasCompleteChunk: Bool { !complete.isEmpty }

    /// The name of the exchange with a running number, or nil when that exchange is not under way.
    public func id(ofExchange number: UInt32) -> ExchangeID? { place(number).map { exchanges[$0].id } }

    /// Whether the exchange with a running number has begun; numbers wrap around.
    public func hasBegun(exchange number: UInt32) -> Bool { Int32(bitPattern: begun &- number) >= 0 }

    /// The progress of a piece of an exchange that is under way.
    public func progress(of piece: PieceID) -> PieceProgress {
        guard let place = place(piece.exchange) else { return .notGiven }
        return exchanges[place].progress(of: piece)
    }

    private func place(_ number: UInt32) -> Int? { exchanges.firstIndex { $0.number == number } }
}

// MARK: Events of the driver's own work

extension StepMachine {
    /// Begin a step.
    ///
    /// - Parameters:
    ///   - exchanges: all of its exchanges, in the order in which they are routed.
    /// - Precondition: the step before is over.
    public mutating func begin(_ exchanges: [ExchangeID]) {
        precondition(schedule.isEmpty && self.exchanges.isEmpty, "a step begins inside another")
        schedule = exchanges[...]
    }

    /// Note that the tokens of the exchange that ``next`` named are routed.
    ///
    /// - Parameters:
    ///   - tokens: the number of tokens of the exchange.
    ///   - chunkTokens: most tokens of a chunk, at least 1.
    /// - Precondition: an exchange of the step is still to be routed.
    public mutating func routed(tokens: Int, chunkTokens: Int, now: Nanoseconds) {
        guard let id = schedule.popFirst() else { preconditionFailure("nothing is to be routed") }
        begun &+= 1
        exchanges.append(
            ExchangeState(
                id: id,
                number: begun,
                deadline: now + bounds.patience,
                ranges: ChunkRanges(tokens: tokens, size: chunkTokens),
                tokensLeft: tokens,
                ownExpertsAreDone: !bounds.hasOwnExperts
            )
        )
        noteFinishable(exchanges.count - 1)
    }

    /// Note that a chunk of the exchange that ``next`` named is built.
    ///
    /// - Parameters:
    ///   - chunk: the driver's handle of the chunk.
    ///   - works: the work of each rank, at most one per rank; none where every copy of the chunk's tokens was dropped.
    ///   - end: the token behind the last one of the chunk.
    /// - Returns: the pieces that go out now.
    /// - Precondition: the chunk has a token of those that ``next`` named, and no other.
    public mutating func built(_ chunk: Chunk, works: [ChunkWork], upTo end: Int) -> [Handover] {
        guard let place = exchanges.indices.last, let asked = exchanges[place].ranges.next,
            asked.lowerBound < end, end <= asked.upperBound
        else { preconditionFailure("a chunk up to token \(end), which was not asked for") }
        let id = exchanges[place].append(works, upTo: end)
        handles[id] = chunk
        for (part, work) in works.enumerated() { ranks[work.rank].waiting.append((id, part)) }
        if works.isEmpty { complete.append(id) }
        hasToLook = true
        return works.flatMap { handOver(to: $0.rank) }
    }

    /// Note that all arrived messages are read.
    public mutating func looked() { hasToLook = false }

    /// Note that the chunk that ``next`` named is combined: its results are no longer held, and their credit is free
    /// again.
    ///
    /// - Returns: the pieces that go out in its place.
    /// - Precondition: a chunk is complete.
    public mutating func combined() -> [Handover] {
        guard let first = complete.first, let place = place(first.exchange) else {
            preconditionFailure("no chunk is to be combined")
        }
        complete.removeFirst()
        handles[first] = nil
        let works = exchanges[place].combine(first.chunk)
        for work in works { ranks[work.rank].bytesInFlight -= work.bytes }
        noteFinishable(place)
        return works.flatMap { handOver(to: $0.rank) }
    }

    /// Note that the coordinator's own experts are done with the oldest exchange that waits for them.
    ///
    /// - Returns: that exchange, or nil when none waits.
    @discardableResult
    public mutating func ownExpertsDone() -> ExchangeID? {
        guard let place = exchanges.firstIndex(where: { !$0.ownExpertsAreDone }) else { return nil }
        exchanges[place].ownExpertsAreDone = true
        noteFinishable(place)
        return exchanges[place].id
    }

    /// Note that the exchange that ``next`` named is finished.
    ///
    /// - Precondition: an exchange is to be finished.
    public mutating func finished() {
        guard let number = finishable.first else { preconditionFailure("no exchange is to be finished") }
        finishable.removeFirst()
        exchanges.removeAll { $0.number == number }
    }

    private mutating func noteFinishable(_ place: Int) {
        if exchanges[place].isFinishable { finishable.append(exchanges[place].number) }
    }
}

// MARK: Events of ranks and time

extension StepMachine {
    /// Note that the result of a piece has arrived.
    ///
    /// - Returns: the chunk of the piece and its place in the chunk, or nil when that piece is not out.
    public mutating func collected(_ piece: PieceID) -> (chunk: Chunk, part: Int)? {
        let id = ChunkID(exchange: piece.exchange, chunk: piece.chunk)
        guard let place = place(piece.exchange), let handle = handles[id],
            let (part, isComplete) = exchanges[place].collect(piece)
        else { return nil }
        if isComplete {
            complete.append(id)
            // Reading stops here, and goes on behind the next chunk.
            hasToLook = false
        }
        return (handle, part)
    }

    /// Note that a rank has joined, for the first time or again.
    ///
    /// - Returns: the pieces that go out to the rank.
    public mutating func joined(rank: Int) -> [Handover] {
        ranks[rank].isThere = true
        return handOver(to: rank)
    }

    /// Note that a rank is lost. The pieces that were sent to the rank and not returned wait again, before all others,
    /// until the rank joins again.
    ///
    /// - Returns: those pieces, in the order in which they will go out again.
    public mutating func lost(rank: Int) -> [PieceID] {
        ranks[rank].isThere = false
        var again: [(chunk: ChunkID, part: Int)] = []
        for place in exchanges.indices {
            for (chunk, part, work) in exchanges[place].takeBack(from: rank) {
                ranks[rank].bytesInFlight -= work.bytes
                again.append((ChunkID(exchange: exchanges[place].number, chunk: chunk), part))
            }
        }
        ranks[rank].waiting.insert(contentsOf: again, at: 0)
        return again.map { PieceID(exchange: $0.chunk.exchange, chunk: $0.chunk.chunk, rank: rank) }
    }

    /// Check the deadlines of the exchanges that are under way.
    ///
    /// - Returns: the oldest exchange that has not all its results in time, if there is one.
    public func timePassed(now: Nanoseconds) -> Overdue? {
        for exchange in exchanges where now > exchange.deadline {
            let ranks = exchange.ranksMissing
            guard !ranks.isEmpty || !exchange.ownExpertsAreDone else { continue }
            return Overdue(exchange: exchange.id, ranks: ranks)
        }
        return nil
    }

    /// Hand out the pieces that wait for a rank as far as its credit goes. A piece larger than the credit goes out
    /// alone.
    private mutating func handOver(to rank: Int) -> [Handover] {
        var handovers: [Handover] = []
        while ranks[rank].isThere, let (id, part) = ranks[rank].waiting.first, let place = place(id.exchange),
            let handle = handles[id]
        {
            let piece = exchanges[place].chunks[id.chunk].pieces[part]
            guard ranks[rank].hasRoom(for: piece.work) else { break }
            ranks[rank].waiting.removeFirst()
            ranks[rank].bytesInFlight += piece.work.bytes
            exchanges[place].handOver(part, of: id.chunk)
            handovers.append(
                Handover(
                    piece: PieceID(exchange: id.exchange, chunk: id.chunk, rank: rank),
                    exchange: exchanges[place].id,
                    chunk: handle,
                    part: part,
                    work: piece.work,
                    attempt: piece.attempt
                )
            )
        }
        return handovers
    }
}

/// An exchange that does not have all its results in time.
public struct Overdue: Equatable, Sendable {
    /// The exchange that is late.
    public let exchange: ExchangeID
    /// Ranks that have not returned all their pieces; none where only the coordinator's own experts are late.
    public let ranks: [Int]

    /// An exchange that is late.
    public init(exchange: ExchangeID, ranks: [Int]) {
        self.exchange = exchange
        self.ranks = ranks
    }
}

// MARK: What is in flight

/// The name of a chunk of an exchange that is under way.
private struct ChunkID: Hashable {
    let exchange: UInt32
    let chunk: Int
}

private struct PieceState {
    enum Stage { case waiting, out, returned }

    let work: ChunkWork
    var attempt: UInt32 = 0
    var stage = Stage.waiting
}

private struct ChunkState {
    let tokens: Int
    var pieces: [PieceState]
}

private struct RankState {
    let credit: Int
    var isThere = false
    var bytesInFlight = 0
    /// The pieces that wait for credit, in the order in which they go out.
    var waiting: [(chunk: ChunkID, part: Int)] = []

    func hasRoom(for work: ChunkWork) -> Bool { bytesInFlight == 0 || bytesInFlight + work.bytes <= credit }
}

/// An exchange that is under way: the progress of its chunks and their pieces.
private struct ExchangeState {
    let id: ExchangeID
    /// The running number of the exchange, from 1.
    let number: UInt32
    let deadline: Nanoseconds
    var ranges: ChunkRanges
    var tokensLeft: Int
    var ownExpertsAreDone: Bool
    /// The chunks of the exchange, by chunk number.
    private(set) var chunks: [ChunkState] = []
    private var chunksOut = 0
    private var piecesWaiting = 0

    init(
        id: ExchangeID,
        number: UInt32,
        deadline: Nanoseconds,
        ranges: ChunkRanges,
        tokensLeft: Int,
        ownExpertsAreDone: Bool
    ) {
        self.id = id
        self.number = number
        self.deadline = deadline
        self.ranges = ranges
        self.tokensLeft = tokensLeft
        self.ownExpertsAreDone = ownExpertsAreDone
    }

    var isFinishable: Bool { tokensLeft == 0 && ownExpertsAreDone }

    /// Whether another chunk may be built: no piece waits for credit, and fewer than `depth` chunks are out.
    func canBuild(depth: Int) -> Bool { piecesWaiting == 0 && chunksOut < depth }

    func progress(of piece: PieceID) -> PieceProgress {
        guard chunks.indices.contains(piece.chunk),
            let found = chunks[piece.chunk].pieces.first(where: { $0.work.rank == piece.rank })
        else { return .notGiven }
        switch found.stage {
        case .waiting: return .notGiven
        case .out: return .out(found.work, attempt: found.attempt)
        case .returned: return .returned
        }
    }

    /// Add the next chunk to the exchange, with the work of each of its ranks.
    mutating func append(_ works: [ChunkWork], upTo end: Int) -> ChunkID {
        let tokens = end - (ranges.next?.lowerBound ?? end)
        ranges.take(upTo: end)
        chunks.append(ChunkState(tokens: tokens, pieces: works.map { PieceState(work: $0) }))
        chunksOut += 1
        piecesWaiting += works.count
        return ChunkID(exchange: number, chunk: chunks.count - 1)
    }

    mutating func handOver(_ part: Int, of chunk: Int) {
        chunks[chunk].pieces[part].stage = .out
        piecesWaiting -= 1
    }

    /// Note the result of a piece that is out; return nil when the piece is not out.
    mutating func collect(_ piece: PieceID) -> (part: Int, isComplete: Bool)? {
        guard chunks.indices.contains(piece.chunk),
            let part = chunks[piece.chunk].pieces.firstIndex(where: { $0.work.rank == piece.rank }),
            chunks[piece.chunk].pieces[part].stage == .out
        else { return nil }
        chunks[piece.chunk].pieces[part].stage = .returned
        return (part, chunks[piece.chunk].pieces.allSatisfy { $0.stage == .returned })
    }

    /// Note that a chunk is combined, and return its works, whose credit is free again.
    mutating func combine(_ chunk: Int) -> [ChunkWork] {
        chunksOut -= 1
        tokensLeft -= chunks[chunk].tokens
        return chunks[chunk].pieces.map(\.work)
    }

    /// Make the pieces that a rank has not returned wait to be sent again, each as a new attempt.
    mutating func takeBack(from rank: Int) -> [(chunk: Int, part: Int, work: ChunkWork)] {
        var back: [(chunk: Int, part: Int, work: ChunkWork)] = []
        for chunk in chunks.indices {
            for (part, piece) in chunks[chunk].pieces.enumerated()
            where piece.work.rank == rank && piece.stage == .out {
                chunks[chunk].pieces[part].stage = .waiting
                chunks[chunk].pieces[part].attempt += 1
                piecesWaiting += 1
                back.append((chunk, part, piece.work))
            }
        }
        return back
    }

    /// The ranks that have not returned all their pieces, in ascending order.
    var ranksMissing: [Int] {
        let pieces = chunks.flatMap(\.pieces).filter { $0.stage != .returned }
        return Set(pieces.map(\.work.rank)).sorted()
    }
}
