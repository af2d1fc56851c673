import Basics
import Figures
public import Reports

/// The page of a comparison: paired bars, differences with their intervals, and warnings.
public struct ComparisonPage: Sendable {
    let comparison: ComparisonReport

    /// The page of a comparison.
    public init(_ comparison: ComparisonReport) {
        self.comparison = comparison
    }

    /// The page as HTML.
    public var html: String {
        Page(
            title: "\(Self.title(comparison.b)) against \(Self.title(comparison.a))",
            subtitle: "epsim compare, "
                + (comparison.confidence.map { "\(FigureText.percent($0, decimals: 0)) intervals over \(repeats)" }
                    ?? "\(ComparisonReport.exactSides): each difference is exact"),
            content: [verdict, sides] + sections
        ).html
    }

    private var repeats: String {
        switch comparison.repeats {
        case .steps: "the measured steps of one run each, which may depend on each other"
        case .runs: "runs"
        }
    }

    private var sections: [Markup] {
        let points = comparison.points.enumerated().map { index, point in
            let title = point.parameters.isEmpty ? "Differences" : point.parameters.joined(separator: " ")
            return PageSection(title, "", pointCharts(point, index: index)).markup
        }
        let steps = stepsOfPoints.map { [PageSection("All points", "", [$0]).markup] } ?? []
        return steps + points
    }

    /// The difference in the mean step of runs, or the number of points of a sweep that became better, then notes.
    private var verdict: Markup {
        let rows = comparison.points.compactMap { $0.row("\(FigureName(.stepSeconds, .mean))") ?? $0.rows.first }
        let words: String
        if let only = rows.first, rows.count == 1 {
            words = "\(only.title): \(only.sentence)."
        } else {
            let better = rows.count { $0.bIsBetter == true }
            let worse = rows.count { $0.bIsBetter == false }
            let others = rows.count - better - worse
            let rest =
                comparison.isExact
                ? "there is no difference" : "the difference is within the noise, none, or not known"
            words =
                "Mean step: B is better at \(better) of \(rows.count) points and worse at \(worse)"
                + (others > 0 ? "; at the others \(rest)." : ".")
        }
        let differences = comparison.configDifferences.map { difference in
            "Differs: \(difference.key): A \(difference.a ?? "-"), B \(difference.b ?? "-")"
        }
        let unmatched = comparison.unmatched.map {
            "Only in \($0.side.uppercased()): \($0.parameters.joined(separator: " "))"
        }
        let notes = (comparison.warnings.map { "Warning: " + $0 } + differences + unmatched).map {
            Markup.element("p", ["class": "note"], $0)
        }
        return .element("div", ["class": "verdict"], [.element("p", [:], words)] + notes)
    }

    /// The name of a side without its folder, or the number of its runs where it has several.
    private static func title(_ side: SideDescription) -> String {
        guard side.isSweep || side.runs.count == 1 else { return "\(side.runs.count) runs" }
        return side.name.split(separator: "/").last.map(String.init) ?? side.name
    }

    private var sides: Markup {
        Card.row(
            zip(["A", "B"], [comparison.a, comparison.b]).map { letter, side in
                let clocks = side.clocks.map(\.rawValue).joined(separator: " and ")
                let runs = Counted.text(side.runs.count, "run")
                let details = [runs, "\(clocks) clock"] + side.hosts + [side.name]
                return Card(letter, value: Self.title(side), detail: details.joined(separator: ", "))
            }
        )
    }
}

extension ComparisonPage {
    private static let sideKinds = [
        SpanChart.Kind(name: "A", category: .blue), SpanChart.Kind(name: "B", category: .orange),
    ]

    /// The kinds of spans that colour an interval by its verdict.
    private static let verdictKinds = [
        SpanChart.Kind(name: "B better", category: .green), SpanChart.Kind(name: "B worse", category: .vermilion),
        SpanChart.Kind(name: "within the noise", category: .grey, isEmpty: true),
        SpanChart.Kind(name: "B differs", category: .sky),
    ]

    /// Charts of one point: paired bars of the main figures, and the differences of all.
    func pointCharts(_ point: PointComparison, index: Int) -> [Markup] {
        [bars(point, index: index), differences(point, index: index)].compactMap(\.self)
    }

    private func bars(_ point: PointComparison, index: Int) -> Markup? {
        // What is nothing in A has no per cent; the table of differences has it.
        let main = point.rows.filter { row in row.isMain && row.a.map { $0.mean != 0 } ?? false && row.b != nil }
        guard !main.isEmpty else { return nil }
        return SpanChart(
            ChartText(
                id: "bars-\(index)",
                title: "Main figures, A beside B",
                description: (comparison.isExact ? "A's as 100 %. " : "Means over the repeats, A's as 100 %. ")
                    + sentences(main)
            ),
            kinds: Self.sideKinds,
            rows: main.flatMap { row in
                zip([row.a, row.b], ["A", "B"]).enumerated().map { kind, side in
                    let length = max(0, (side.0?.mean ?? 0) / (row.a?.mean ?? 1) * 100)
                    return SpanChart.Row(
                        name: kind == 0 ? row.title : "",
                        spans: [SpanChart.Span(kind: kind, range: 0..<length)]
                    )
                }
            },
            axis: "% of A",
            table: table(main)
        ).markup
    }

    private func sentences(_ rows: [FigureDifference]) -> String {
        rows.map { "\($0.title): \($0.sentence)." }.joined(separator: " ")
    }

    private func differences(_ point: PointComparison, index: Int) -> Markup? {
        // What is certain has no width, and is drawn as a mark.
        let known = point.rows.compactMap { row -> (row: FigureDifference, range: ClosedRange<Double>)? in
            guard row.verdict != .same else { return nil }
            if comparison.isExact { return row.relative.map { (row, $0...$0) } }
            return row.relativeInterval.map { (row, $0.low...$0.high) }
        }
        let ends: [Double] = known.map(\.range.lowerBound) + known.map(\.range.upperBound) + [0]
        let mark = ((ends.max() ?? 0) - (ends.min() ?? 0)) * 0.008
        guard !known.isEmpty else {
            let words = comparison.isExact ? "No figure differs." : "Too few repeats for intervals."
            return .element("p", ["class": "note"], words)
        }
        let intervals = comparison.confidence.map { level in
            "Confidence intervals of \(FigureText.percent(level, decimals: 0)); one that holds 0 is within the noise. "
        }
        return SpanChart(
            ChartText(
                id: "differences-\(index)",
                title: "Differences, B − A",
                description: (intervals ?? "")
                    + "Figures that are the same\(intervals == nil ? "" : ", or known once,") are in the table alone."
            ),
            kinds: Self.verdictKinds,
            rows: known.map { row, range in
                let missing = max(0, mark - (range.upperBound - range.lowerBound)) / 2
                let span = (range.lowerBound - missing) * 100..<(range.upperBound + missing) * 100
                return SpanChart.Row(name: row.title, spans: [SpanChart.Span(kind: Self.kind(row), range: span)])
            },
            axis: "% of A's mean",
            table: table(point.rows)
        ).markup
    }

    private static func kind(_ row: FigureDifference) -> Int {
        switch (row.verdict, row.bIsBetter) {
        case (_, true?): 0
        case (_, false?): 1
        case (.lower, _), (.higher, _): 3
        default: 2
        }
    }

    private func table(_ rows: [FigureDifference]) -> DataTable {
        let isExact = comparison.isExact
        return DataTable(
            columns: ["figure", "unit", "A", "B", "B − A"] + (isExact ? [] : ["from", "to", "significant"]) + [
                "verdict"
            ],
            rows: rows.map { row in
                let unit = FigureUnit(row.unit, [row.a?.mean, row.b?.mean].compactMap(\.self))
                let values = [row.a?.mean, row.b?.mean, row.difference]
                let test = [row.interval?.low, row.interval?.high].map { unit.text($0) }
                return [row.title, unit.name] + values.map { unit.text($0) }
                    + (isExact ? [] : test + [row.isSignificant.map { $0 ? "yes" : "no" } ?? "-"]) + [row.sentence]
            }
        )
    }

    /// The varied values of a point, each with the last part of its key.
    private static func label(_ point: PointComparison) -> String {
        point.parameters.map { $0.split(separator: ".").last.map(String.init) ?? $0 }.joined(separator: " ")
    }

    /// The chart of the mean step of every point of two sweeps; nil for one point.
    var stepsOfPoints: Markup? {
        let rows = comparison.points.compactMap { point in
            point.row("\(FigureName(.stepSeconds, .mean))").map { (name: Self.label(point), row: $0) }
        }
        guard comparison.points.count > 1, !rows.isEmpty else { return nil }
        let unit = DisplayUnit.seconds(rows.flatMap { [$0.row.a?.mean, $0.row.b?.mean] }.compactMap(\.self))
        return SpanChart(
            ChartText(
                id: "points",
                title: "Mean step of every point",
                description: "Each point's runs together, A over B.",
                isWide: true
            ),
            kinds: Self.sideKinds,
            rows: rows.flatMap { point in
                [point.row.a, point.row.b].enumerated().map { kind, side in
                    SpanChart.Row(
                        name: kind == 0 ? point.name : "",
                        spans: [SpanChart.Span(kind: kind, range: 0..<(side?.mean ?? 0) * unit.factor)]
                    )
                }
            },
            axis: "step, \(unit.name)",
            table: DataTable(
                columns: ["point", "A \(unit.name)", "B \(unit.name)", "verdict"],
                rows: rows.map { [$0.name, unit.text($0.row.a?.mean), unit.text($0.row.b?.mean), $0.row.sentence] }
            )
        ).markup
    }
}
