/// A stretch of time that counts for one phase.
public struct PhasePiece: Equatable, Sendable {
    /// The phase.
    public var phase: Phase
    /// From when to when, in nanoseconds.
    public var span: Range<Int64>

    /// A stretch of time.
    public init(phase: Phase, span: Range<Int64>) {
        self.phase = phase
        self.span = span
    }
}

extension [PhasePiece] {
    /// Adds a piece that begins where the last one ends; one of the same phase makes that longer, an empty one nothing.
    public mutating func join(_ piece: PhasePiece) {
        guard !piece.span.isEmpty else { return }
        if let last, last.phase == piece.phase {
            self[count - 1].span = last.span.lowerBound..<piece.span.upperBound
        } else {
            append(piece)
        }
    }

    /// The length of a phase in nanoseconds.
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
