/// The time of one rank in one (step, layer), from the stamps of its chunks.
///
/// Chunks overlap: one computes while the next travels. Each instant counts once, for the first of these that holds
/// for any chunk of the rank: something computes, tokens travel, outputs travel, work lies ready; else the rank waits.
/// So the phases sum to the length of the window, and dispatch and combine are what computing did not hide.
public struct RankTimeline: Equatable, Sendable {
    /// The phases in order of time, neighbours of one phase together; they cover the window without gaps.
    public let pieces: [PhasePiece]
    /// Seconds per phase: the sums over ``pieces``.
    public let seconds: PhaseSeconds
    /// Seconds during which tokens travelled to the rank, overlapped or not.
    public let dispatchInFlightSeconds: Double
    /// Seconds during which outputs travelled back, overlapped or not.
    public let combineInFlightSeconds: Double
    /// The largest move of a stamp, in nanoseconds, when the stamps were put in order; see ``ChunkStamps/fitted``.
    public let movedNanoseconds: Int64

    /// Attribute the time of one rank to its phases.
    ///
    /// - Parameters:
    ///   - chunks: the chunks of this rank that may be under way in the window, in any order; without any, the rank
    ///     waits.
    ///   - window: the part of the layer in which something of any rank was under way, in nanoseconds on the
    ///     coordinator's clock; what lies outside does not count.
    public init(chunks: [ChunkStamps], window: Range<Int64>) {
        var sweep = IntervalSweep()
        var moved: Int64 = 0
        for chunk in chunks {
            let fitted = chunk.fitted
            sweep.add(fitted.stamps)
            moved = max(moved, fitted.moved)
        }
        var pieces: [PhasePiece] = []
        var dispatching: Int64 = 0
        var combining: Int64 = 0
        sweep.forEachPiece(of: window) { piece, active in
            pieces.join(PhasePiece(phase: Self.phase(of: active), span: piece))
            if active.contains(.dispatch) { dispatching += piece.upperBound - piece.lowerBound }
            if active.contains(.combine) { combining += piece.upperBound - piece.lowerBound }
        }
        self.pieces = pieces
        seconds = PhaseSeconds(pieces)
        dispatchInFlightSeconds = Self.seconds(dispatching)
        combineInFlightSeconds = Self.seconds(combining)
        movedNanoseconds = moved
    }

    private static func phase(of active: Activities) -> Phase {
        if active.contains(.compute) { return .compute }
        if active.contains(.dispatch) { return .dispatch }
        if active.contains(.combine) { return .combine }
        return active.contains(.queue) ? .queue : .wait
    }

    private static func seconds(_ nanoseconds: Int64) -> Double {
        Double(nanoseconds) / 1e9
    }
}
