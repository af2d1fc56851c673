/// The order of a step, as a value: what is routed, built, sent, combined and finished next.
///
/// Its driver, a coordinator's process or a simulation of one, asks ``next`` what to do, does it, and says so by the event
/// of the same name; what arrives meanwhile are events, too. The machine has no clock and no tokens: it knows how many
/// bytes are where, and what must wait for what. The article *The life of a step* draws it.
///
/// An exchange is routed, then built in chunks, each of which goes out as far as its ranks' credit allows; a chunk whose
/// outputs are all there is combined, and an exchange whose chunks are all combined is finished. What has begun goes before
/// what has not: combine, finish, build, route. An exchange is built as a whole before the next one is routed, and a
/// micro-batch has one exchange under way at a time.
///
/// `Chunk` is the handle by which the driver knows the payloads of a chunk; the machine gives back what it was given.
public struct StepMachine<Chunk> {
    /// What the driver does next.
    public enum Action {
        /// Route the tokens of an exchange, then call ``StepMachine/routed(tokens:chunkTokens:now:)``.
        case route(ExchangeID)
        /// Permute these tokens of an exchange, or the first of them, then call ``StepMachine/built(_:works:upTo:)``.
        case build(ExchangeID, tokens: Range<Int>)
        /// Sum the outputs of a chunk, then call ``StepMachine/combined()``.
        case combine(Chunk, of: ExchangeID)
        /// Add what the coordinator computed itself, then call ``StepMachine/finished()``.
        case finish(ExchangeID)
        /// Wait for a result, for the coordinator's own experts, or for time to pass.
        case wait
        /// Nothing: the step is over.
        case end
    }

    /// A piece of work that goes out now.
    public struct Handover {
        /// Names it.
        public let piece: PieceID
        /// Its exchange.
        public let exchange: ExchangeID
        /// The driver's handle of its chunk.
        public let chunk: Chunk
        /// Its place among the works of the chunk.
        public let part: Int
        /// What it is.
        public let work: ChunkWork
        /// How often it went out before.
        public let attempt: UInt32
    }

    /// How far a piece of work is.
    public enum Progress: Equatable, Sendable {
        /// No such piece, or it waits for credit.
        case notGiven
        /// Its rank has it.
        case out(ChunkWork, attempt: UInt32)
        /// Its result is here.
        case returned
    }

    private struct Piece {
        let work: ChunkWork
        var attempt: UInt32 = 0
        var progress = Stage.waiting

        enum Stage { case waiting, out, returned }
    }

    private struct ChunkState {
        let handle: Chunk
        let tokens: Int
        var pieces: [Piece]

        var isComplete: Bool { pieces.allSatisfy { $0.progress == .returned } }
    }

    private struct Exchange {
        let id: ExchangeID
        /// Counts the exchanges of the run, from 1.
        let number: UInt32
        let deadline: Nanoseconds
        var ranges: ChunkRanges
        var tokensLeft: Int
        /// By chunk number; nil once it is combined.
        var chunks: [ChunkState?] = []
        var chunksOut = 0
        var piecesWaiting = 0
        var ownExpertsAreDone: Bool

        var isFinishable: Bool { tokensLeft == 0 && ownExpertsAreDone }
        /// Pieces that are not back, with their chunk's number and their place in it.
        var missing: [(chunk: Int, part: Int, piece: Piece)] {
            chunks.enumerated().flatMap { number, chunk in
                (chunk?.pieces ?? []).enumerated().filter { $1.progress != .returned }.map { (number, $0, $1) }
            }
        }
    }

    private struct Rank {
        let credit: Int
        var isThere = false
        var bytesInFlight = 0
        /// What waits for credit, in the order in which it goes out.
        var waiting: [(exchange: UInt32, chunk: Int, part: Int)] = []
    }

    private let limits: StepBounds
    private var ranks: [Rank]
    /// What is still to be routed, in order.
    private var schedule: ArraySlice<ExchangeID> = []
    /// What is under way, oldest first: at most one of a micro-batch.
    private var exchanges: [Exchange] = []
    /// Exchanges that have begun.
    private var begun: UInt32 = 0
    /// Chunks whose outputs are all there, and exchanges that can be finished, in the order in which they came to be.
    private var complete: [(exchange: UInt32, chunk: Int)] = []
    private var finishable: [UInt32] = []

    /// A machine for the steps of a run. No rank is there yet.
    public init(_ limits: StepBounds) {
        self.limits = limits
        ranks = limits.credits.map { Rank(credit: $0) }
    }

    /// What to do next; the same until an event is told.
    public var next: Action {
        if let first = complete.first, let exchange = exchange(first.exchange), let chunk = exchange.chunks[first.chunk]
        {
            return .combine(chunk.handle, of: exchange.id)
        }
        if let first = finishable.first, let exchange = exchange(first) { return .finish(exchange.id) }
        if let newest = exchanges.last, let tokens = newest.ranges.next {
            let isFull = newest.piecesWaiting > 0 || newest.chunksOut >= limits.depth
            return isFull ? .wait : .build(newest.id, tokens: tokens)
        }
        if let upcoming = schedule.first, !exchanges.contains(where: { $0.id.batch == upcoming.batch }) {
            return .route(upcoming)
        }
        return schedule.isEmpty && exchanges.isEmpty ? .end : .wait
    }

    /// True when some chunk has all its outputs and waits to be combined.
    public var hasCompleteChunk: Bool { !complete.isEmpty }

    /// The place in the step of an exchange that is under way.
    public func id(ofExchange number: UInt32) -> ExchangeID? { exchange(number)?.id }

    /// How far a piece of an exchange is that is under way.
    public func progress(of piece: PieceID) -> Progress {
        guard let exchange = exchange(piece.exchange), exchange.chunks.indices.contains(piece.chunk) else {
            return .notGiven
        }
        guard let chunk = exchange.chunks[piece.chunk] else { return .returned }
        guard let found = chunk.pieces.first(where: { $0.work.rank == piece.rank }) else { return .notGiven }
        switch found.progress {
        case .waiting: return .notGiven
        case .out: return .out(found.work, attempt: found.attempt)
        case .returned: return .returned
        }
    }
}

// MARK: Events of the driver's own work

extension StepMachine {
    /// A step begins.
    ///
    /// - Parameters:
    ///   - exchanges: all of its exchanges, in the order in which they are routed.
    /// - Precondition: the step before is over.
    public mutating func begin(_ exchanges: [ExchangeID]) {
        precondition(schedule.isEmpty && self.exchanges.isEmpty, "a step begins inside another")
        schedule = exchanges[...]
    }

    /// The tokens of the exchange that ``next`` named are routed.
    ///
    /// - Parameters:
    ///   - tokens: its tokens.
    ///   - chunkTokens: most tokens of a chunk, at least 1.
    public mutating func routed(tokens: Int, chunkTokens: Int, now: Nanoseconds) {
        guard let id = schedule.popFirst() else { return }
        begun &+= 1
        exchanges.append(
            Exchange(
                id: id,
                number: begun,
                deadline: now + limits.patience,
                ranges: ChunkRanges(tokens: tokens, size: chunkTokens),
                tokensLeft: tokens,
                ownExpertsAreDone: !limits.hasOwnExperts
            )
        )
        noteFinishable(exchanges.count - 1)
    }

    /// A chunk of the exchange that ``next`` named is built.
    ///
    /// - Parameters:
    ///   - chunk: the driver's handle of it.
    ///   - works: what each rank is sent, at most one per rank; none where every copy of its tokens was dropped.
    ///   - end: the token behind its last one.
    /// - Returns: what goes out.
    public mutating func built(_ chunk: Chunk, works: [ChunkWork], upTo end: Int) -> [Handover] {
        guard let place = exchanges.indices.last, let wanted = exchanges[place].ranges.next else { return [] }
        let number = exchanges[place].chunks.count
        exchanges[place].ranges.take(upTo: end)
        exchanges[place].chunks.append(
            ChunkState(handle: chunk, tokens: end - wanted.lowerBound, pieces: works.map { Piece(work: $0) })
        )
        exchanges[place].chunksOut += 1
        exchanges[place].piecesWaiting += works.count
        for (part, work) in works.enumerated() {
            ranks[work.rank].waiting.append((exchanges[place].number, number, part))
        }
        if works.isEmpty { complete.append((exchanges[place].number, number)) }
        return works.flatMap { handOver(to: $0.rank) }
    }

    /// The chunk that ``next`` named is combined: its results are not held any more, and what they took of the credit is
    /// free.
    ///
    /// - Returns: what goes out in its place.
    public mutating func combined() -> [Handover] {
        guard let first = complete.first, let place = place(first.exchange) else { return [] }
        complete.removeFirst()
        guard let chunk = exchanges[place].chunks[first.chunk] else { return [] }
        exchanges[place].chunks[first.chunk] = nil
        exchanges[place].chunksOut -= 1
        exchanges[place].tokensLeft -= chunk.tokens
        for piece in chunk.pieces { ranks[piece.work.rank].bytesInFlight -= piece.work.bytes }
        noteFinishable(place)
        return chunk.pieces.flatMap { handOver(to: $0.work.rank) }
    }

    /// The coordinator's own experts are done with the oldest exchange that waits for them.
    public mutating func ownExpertsDone() {
        guard let place = exchanges.firstIndex(where: { !$0.ownExpertsAreDone }) else { return }
        exchanges[place].ownExpertsAreDone = true
        noteFinishable(place)
    }

    /// The exchange that ``next`` named is finished.
    public mutating func finished() {
        guard let number = finishable.first else { return }
        finishable.removeFirst()
        exchanges.removeAll { $0.number == number }
    }

    private mutating func noteFinishable(_ place: Int) {
        if exchanges[place].isFinishable { finishable.append(exchanges[place].number) }
    }
}

// MARK: Events of ranks and time

extension StepMachine {
    /// A result has arrived.
    ///
    /// - Returns: the chunk that it belongs to and its place there, or nil when that piece is not out.
    public mutating func collected(_ piece: PieceID) -> (chunk: Chunk, part: Int)? {
        guard let place = place(piece.exchange), exchanges[place].chunks.indices.contains(piece.chunk),
            var chunk = exchanges[place].chunks[piece.chunk],
            let part = chunk.pieces.firstIndex(where: { $0.work.rank == piece.rank }),
            chunk.pieces[part].progress == .out
        else { return nil }
        chunk.pieces[part].progress = .returned
        exchanges[place].chunks[piece.chunk] = chunk
        if chunk.isComplete { complete.append((piece.exchange, piece.chunk)) }
        return (chunk.handle, part)
    }

    /// A rank is there, for the first time or again.
    ///
    /// - Returns: what goes out to it.
    public mutating func joined(rank: Int) -> [Handover] {
        ranks[rank].isThere = true
        return handOver(to: rank)
    }

    /// A rank is gone. What it was given and has not returned waits, before all else, until it is there again.
    ///
    /// - Returns: those pieces, in the order in which they will go out again.
    public mutating func lost(rank: Int) -> [PieceID] {
        ranks[rank].isThere = false
        var again: [(exchange: UInt32, chunk: Int, part: Int)] = []
        for place in exchanges.indices {
            let number = exchanges[place].number
            for (chunk, part, piece) in exchanges[place].missing
            where piece.work.rank == rank && piece.progress == .out {
                exchanges[place].chunks[chunk]?.pieces[part].progress = .waiting
                exchanges[place].chunks[chunk]?.pieces[part].attempt += 1
                exchanges[place].piecesWaiting += 1
                ranks[rank].bytesInFlight -= piece.work.bytes
                again.append((number, chunk, part))
            }
        }
        ranks[rank].waiting.insert(contentsOf: again, at: 0)
        return again.map { PieceID(exchange: $0.exchange, chunk: $0.chunk, rank: rank) }
    }

    /// Time has passed.
    ///
    /// - Returns: the oldest exchange that has not all its results in time, if there is one.
    public func timePassed(now: Nanoseconds) -> Overdue? {
        for exchange in exchanges where now > exchange.deadline {
            let ranks = Set(exchange.missing.map(\.piece.work.rank)).sorted()
            guard !ranks.isEmpty || !exchange.ownExpertsAreDone else { continue }
            return Overdue(exchange: exchange.id, ranks: ranks)
        }
        return nil
    }

    /// Hands out what waits for a rank as far as its credit goes. Work larger than the credit goes out alone.
    private mutating func handOver(to rank: Int) -> [Handover] {
        var handovers: [Handover] = []
        while ranks[rank].isThere, let first = ranks[rank].waiting.first, let place = place(first.exchange),
            let chunk = exchanges[place].chunks[first.chunk]
        {
            let piece = chunk.pieces[first.part]
            let inFlight = ranks[rank].bytesInFlight
            guard inFlight == 0 || inFlight + piece.work.bytes <= ranks[rank].credit else { break }
            ranks[rank].waiting.removeFirst()
            ranks[rank].bytesInFlight += piece.work.bytes
            exchanges[place].piecesWaiting -= 1
            exchanges[place].chunks[first.chunk]?.pieces[first.part].progress = .out
            handovers.append(
                Handover(
                    piece: PieceID(exchange: first.exchange, chunk: first.chunk, rank: rank),
                    exchange: exchanges[place].id,
                    chunk: chunk.handle,
                    part: first.part,
                    work: piece.work,
                    attempt: piece.attempt
                )
            )
        }
        return handovers
    }

    private func place(_ number: UInt32) -> Int? { exchanges.firstIndex { $0.number == number } }

    private func exchange(_ number: UInt32) -> Exchange? { exchanges.first { $0.number == number } }
}
