/// One step, moment by moment, as pieces of time whose sums are the step's ``StepRecord``.
///
/// All times are nanoseconds on one monotonic clock: the coordinator's in a live run, one that begins at 0 in a
/// prediction.
public struct StepTrack: Equatable, Sendable {
    /// Index of the step, counted without the warm-up.
    public var step: Int
    /// The time from tokens in to outputs combined, in nanoseconds.
    public var span: Range<Int64>
    /// The layers of the step, in order.
    public var layers: [LayerTrack]
    /// The work of the coordinator, in order of time for each kind of work; empty in a prediction.
    public var coordinator: [CoordinatorPiece]

    /// A track of one step.
    public init(step: Int, span: Range<Int64>, layers: [LayerTrack], coordinator: [CoordinatorPiece] = []) {
        self.step = step
        self.span = span
        self.layers = layers
        self.coordinator = coordinator
    }
}

extension StepTrack {
    /// Lay out a step of which only the times of its phases are known, as in a prediction.
    ///
    /// Layers follow each other. In each layer, every rank passes its phases once, in the order of ``Phase``, and all
    /// of its copies travel as one chunk. Phases that overlap others count with what shows of them, so the tracks are
    /// those of a run without overlap that takes as long. Moments are whole nanoseconds: a phase is at most one off its
    /// seconds. Where a record's phases do not add up to the layer, the difference is spread over them.
    ///
    /// Times below zero count as none.
    ///
    /// - Parameters:
    ///   - record: the step.
    ///   - start: the begin of the step, in nanoseconds.
    public init(of record: StepRecord, starting start: Int64) {
        var layers: [LayerTrack] = []
        var elapsed = 0.0
        for layer in record.layers {
            let begins = start.addingClamped(elapsed.nanoseconds)
            elapsed += layer.seconds.ofTime
            let span = begins..<start.addingClamped(elapsed.nanoseconds)
            let ranks = layer.ranks.map { RankTrack($0, of: layer, over: span) }
            layers.append(LayerTrack(layer: layer.layer, span: span, ranks: ranks))
        }
        let end = max(start.addingClamped(record.seconds.nanoseconds), layers.last?.span.upperBound ?? start)
        self.init(step: record.step, span: start..<end, layers: layers)
    }
}

extension RankTrack {
    fileprivate init(_ record: RankRecord, of layer: LayerRecord, over span: Range<Int64>) {
        let seconds = Phase.allCases.map { layer.seconds(in: $0, of: record).ofTime }
        let total = seconds.reduce(0, +)
        let scale = total > 0 ? Double(span.upperBound - span.lowerBound) / total / 1e9 : 0
        var moments = [span.lowerBound]
        var elapsed = 0.0
        for phase in seconds {
            elapsed += phase
            moments.append(min(span.lowerBound.addingClamped((elapsed * scale).nanoseconds), span.upperBound))
        }
        var pieces: [PhasePiece] = []
        for (index, phase) in Phase.allCases.enumerated() {
            pieces.join(PhasePiece(phase: phase, span: moments[index]..<moments[index + 1]))
        }
        let isVisited = record.copies > 0 || record.sharedTokens > 0
        self.init(rank: record.rank, pieces: pieces, chunks: isVisited ? [ChunkTrack(record, at: moments)] : [])
    }
}

extension ChunkTrack {
    /// The one chunk in which all copies of a rank travel in a predicted layer.
    ///
    /// - Parameter moments: the begins of the phases, in the order of ``Phase``.
    fileprivate init(_ record: RankRecord, at moments: [Int64]) {
        func begin(_ phase: Phase) -> Int64 { moments[Phase.allCases.firstIndex(of: phase) ?? 0] }
        self.init(
            stamps: ChunkStamps(
                ready: begin(.dispatch),
                handedOver: begin(.dispatch),
                received: begin(.queue),
                started: begin(.compute),
                finished: begin(.combine),
                returned: begin(.combine),
                collected: begin(.wait)
            ),
            copies: record.copies,
            dispatchBytes: record.dispatchBytes,
            combineBytes: record.combineBytes
        )
    }
}

extension LayerRecord {
    /// Seconds of a phase for one of the layer's ranks.
    fileprivate func seconds(in phase: Phase, of rank: RankRecord) -> Double {
        switch phase {
        case .gate: gateSeconds
        case .shared: sharedSeconds
        case .merge: mergeSeconds
        case .dispatch, .queue, .compute, .combine, .wait: rank.seconds[phase]
        }
    }
}

extension Double {
    /// The value as a time in seconds, limited to 0 to 1e9 (about thirty years); 0 where it is not a number.
    fileprivate var ofTime: Double { self > 0 ? min(self, 1e9) : 0 }

    /// The value, a time in seconds, as whole nanoseconds.
    fileprivate var nanoseconds: Int64 { Int64((ofTime * 1e9).rounded()) }
}

/// A stretch of time that the coordinator spent on the tokens of one layer.
public struct CoordinatorPiece: Equatable, Sendable {
    /// The kind of work that the time was spent on.
    public var work: CoordinatorWork
    /// Index of the MoE layer.
    public var layer: Int
    /// The begin and the end, in nanoseconds of wall time.
    public var span: Range<Int64>

    /// A piece of the coordinator's time.
    public init(work: CoordinatorWork, layer: Int, span: Range<Int64>) {
        self.work = work
        self.layer = layer
        self.span = span
    }
}

/// One layer of one step, moment by moment, as the tracks of its ranks.
public struct LayerTrack: Equatable, Sendable {
    /// Index of the MoE layer.
    public var layer: Int
    /// The time from the end of the layer before to the end of this one, in nanoseconds.
    public var span: Range<Int64>
    /// The tracks of the ranks, in rank order.
    public var ranks: [RankTrack]

    /// A track of one layer.
    public init(layer: Int, span: Range<Int64>, ranks: [RankTrack]) {
        self.layer = layer
        self.span = span
        self.ranks = ranks
    }
}

/// One rank in one layer of one step, moment by moment, as pieces of time and chunks.
public struct RankTrack: Equatable, Sendable {
    /// Index of the rank, from 0.
    public var rank: Int
    /// The phases of the rank and of the coordinator in order of time. They cover the layer without gaps, and those of
    /// one phase sum to its seconds in the layer's ``LayerRecord``.
    public var pieces: [PhasePiece]
    /// The chunks that went to the rank for this layer, in order of dispatch.
    public var chunks: [ChunkTrack]

    /// A track of one rank in one layer.
    public init(rank: Int, pieces: [PhasePiece], chunks: [ChunkTrack]) {
        self.rank = rank
        self.pieces = pieces
        self.chunks = chunks
    }
}

/// One chunk on its way to a rank and back.
public struct ChunkTrack: Equatable, Sendable {
    /// The stamps of the chunk, in order; see ``ChunkStamps/fitted``.
    public var stamps: ChunkStamps
    /// Routed copies in the chunk.
    public var copies: Int
    /// Bytes sent to the rank: envelope and payload.
    public var dispatchBytes: Int
    /// Bytes received from the rank: envelope and payload.
    public var combineBytes: Int

    /// A track of one chunk.
    public init(stamps: ChunkStamps, copies: Int, dispatchBytes: Int, combineBytes: Int) {
        self.stamps = stamps
        self.copies = copies
        self.dispatchBytes = dispatchBytes
        self.combineBytes = combineBytes
    }

    /// The same chunk with its stamps put in order; see ``ChunkStamps/fitted``.
    public var fitted: ChunkTrack {
        ChunkTrack(
            stamps: stamps.fitted.stamps,
            copies: copies,
            dispatchBytes: dispatchBytes,
            combineBytes: combineBytes
        )
    }
}

/// A stretch of time that counts for one phase.
public struct PhasePiece: Equatable, Sendable {
    /// The phase that the time counts for.
    public var phase: Phase
    /// The begin and the end, in nanoseconds.
    public var span: Range<Int64>

    /// A piece of time of one phase.
    public init(phase: Phase, span: Range<Int64>) {
        self.phase = phase
        self.span = span
    }
}

extension [PhasePiece] {
    /// Append a piece of time that begins where the last piece ends: extend the last piece where the phase is the same,
    /// and ignore an empty piece.
    public mutating func join(_ piece: PhasePiece) {
        guard !piece.span.isEmpty else { return }
        if let last, last.phase == piece.phase {
            self[count - 1].span = last.span.lowerBound..<piece.span.upperBound
        } else {
            append(piece)
        }
    }

    /// The length of all pieces of a phase, in nanoseconds.
    public func nanoseconds(in phase: Phase) -> Int64 {
        reduce(0) { $1.phase == phase ? $0 + $1.span.upperBound - $1.span.lowerBound : $0 }
    }
}

extension PhaseSeconds {
    /// The sums over pieces of a rank's own phases; those of the coordinator do not count.
    public init(_ pieces: [PhasePiece]) {
        func seconds(_ phase: Phase) -> Double { Double(pieces.nanoseconds(in: phase)) / 1e9 }
        self.init(
            dispatch: seconds(.dispatch),
            queue: seconds(.queue),
            compute: seconds(.compute),
            combine: seconds(.combine),
            wait: seconds(.wait)
        )
    }
}
