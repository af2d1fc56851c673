import Basics
import Records

/// One step as rows of phases, few enough to draw.
struct Gantt {
    /// The limit on the rows that are drawn.
    private static let mostRows = 16
    /// The number of parts of the axis; a piece shorter than one part joins its neighbour.
    private static let resolution = 1000.0

    /// The rows of the chart, one per drawn rank, named `rank N`.
    let rows: [SpanChart.Row]
    /// The number of ranks of the step.
    let ranks: Int
    /// The unit of time on the axis.
    let unit: DisplayUnit
    /// The seconds of every rank in each phase.
    let table: DataTable

    init(_ track: StepTrack) {
        let length = Double(track.span.upperBound - track.span.lowerBound) / 1e9
        let unit = DisplayUnit.seconds([length])
        let pieces = Self.piecesOfRanks(track)
        let sums = pieces.map { Self.sums($0) }
        ranks = pieces.count
        self.unit = unit
        table = DataTable(
            columns: ["rank"] + Phase.allCases.map { "\($0.rawValue) \(unit.name)" },
            rows: sums.enumerated().map { rank, seconds in ["\(rank)"] + seconds.map { unit.text($0) } }
        )
        let compute = PhaseKinds.index[.compute, default: 0]
        let shown = sums.indices.sorted { (sums[$1][compute], $0) < (sums[$0][compute], $1) }.prefix(Self.mostRows)
        let chosen = pieces.count > Self.mostRows ? Array(shown) : Array(pieces.indices)
        rows = chosen.map { rank in
            SpanChart.Row(
                name: "rank \(rank)",
                spans: Self.spans(pieces[rank], from: track.span.lowerBound, unit: unit, length: length)
            )
        }
    }

    /// True when ranks were left out.
    var isShortened: Bool { rows.count < ranks }

    /// The pieces of each rank over all layers, `[ranks]`.
    private static func piecesOfRanks(_ track: StepTrack) -> [[PhasePiece]] {
        var pieces: [[PhasePiece]] = []
        for layer in track.layers {
            for rank in layer.ranks {
                while pieces.count <= rank.rank { pieces.append([]) }
                pieces[rank.rank] += rank.pieces
            }
        }
        return pieces
    }

    private static func sums(_ pieces: [PhasePiece]) -> [Double] {
        var sums = [Double](repeating: 0, count: Phase.allCases.count)
        for piece in pieces {
            sums[PhaseKinds.index[piece.phase, default: 0]] +=
                Double(piece.span.upperBound - piece.span.lowerBound) / 1e9
        }
        return sums
    }

    private static func spans(
        _ pieces: [PhasePiece],
        from start: Int64,
        unit: DisplayUnit,
        length: Double
    ) -> [SpanChart.Span] {
        let shortest = length * unit.factor / resolution
        var spans: [SpanChart.Span] = []
        for piece in pieces where !piece.span.isEmpty {
            let place = { (time: Int64) in Double(time - start) / 1e9 * unit.factor }
            let range = place(piece.span.lowerBound)..<place(piece.span.upperBound)
            let kind = PhaseKinds.index[piece.phase, default: 0]
            if let last = spans.last, last.kind == kind || range.upperBound - last.range.lowerBound < shortest {
                spans[spans.count - 1].range = last.range.lowerBound..<range.upperBound
            } else {
                spans.append(SpanChart.Span(kind: kind, range: range))
            }
        }
        return spans
    }
}

/// The phases as kinds of spans: one colour for each on every page.
enum PhaseKinds {
    /// The kinds of spans, in the order of the phases.
    static let all: [SpanChart.Kind] = Phase.allCases.map { phase in
        SpanChart.Kind(name: phase.rawValue, category: category(phase), isEmpty: phase == .wait)
    }

    /// The index of each phase among ``all``.
    static let index = Dictionary(uniqueKeysWithValues: Phase.allCases.enumerated().map { ($1, $0) })

    private static func category(_ phase: Phase) -> Category {
        switch phase {
        case .gate: .purple
        case .dispatch: .sky
        case .queue: .yellow
        case .compute: .green
        case .combine: .blue
        case .wait: .grey
        case .shared: .orange
        case .merge: .vermilion
        }
    }
}
