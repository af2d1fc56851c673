import Figures
import Basics
import Charts
import Reports

extension ComparisonPage {
    private static let sideKinds = [
        SpanChart.Kind(name: "A", category: .blue), SpanChart.Kind(name: "B", category: .orange),
    ]

    /// What an interval says, as kinds of spans.
    private static let verdictKinds = [
        SpanChart.Kind(name: "B better", category: .green), SpanChart.Kind(name: "B worse", category: .vermilion),
        SpanChart.Kind(name: "within the noise", category: .grey, isEmpty: true),
        SpanChart.Kind(name: "B differs", category: .sky),
    ]

    /// Paired bars of the main figures, and the differences of all.
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
                description: "Means over the repeats, A's as 100 %. " + sentences(main)
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
        let known = point.rows.filter { $0.relativeInterval != nil && $0.verdict != .same }
        let intervals = known.compactMap(\.relativeInterval)
        let ends: [Double] = intervals.map(\.low) + intervals.map(\.high) + [0]
        // What is certain has no width, and is drawn as a mark.
        let mark = ((ends.max() ?? 0) - (ends.min() ?? 0)) * 0.008
        guard !known.isEmpty else { return .element("p", ["class": "note"], "Too few repeats for intervals.") }
        return SpanChart(
            ChartText(
                id: "differences-\(index)",
                title: "Differences, B − A",
                description:
                    "Confidence intervals of \(FigureText.percent(comparison.confidence, decimals: 0)); one that holds "
                    + "0 is within the noise. Figures that are the same, or known once, are in the table alone."
            ),
            kinds: Self.verdictKinds,
            rows: known.map { row in
                let interval = row.relativeInterval.map { interval in
                    let missing = max(0, mark - (interval.high - interval.low)) / 2
                    return (interval.low - missing) * 100..<(interval.high + missing) * 100
                }
                let spans = interval.map { [SpanChart.Span(kind: Self.kind(row), range: $0)] } ?? []
                return SpanChart.Row(name: row.title, spans: spans)
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
        DataTable(
            columns: ["figure", "unit", "A", "B", "B − A", "from", "to", "verdict"],
            rows: rows.map { row in
                let unit = FigureUnit(row.unit, [row.a?.mean, row.b?.mean].compactMap(\.self))
                let values = [row.a?.mean, row.b?.mean, row.difference, row.interval?.low, row.interval?.high]
                return [row.title, unit.name] + values.map { unit.text($0) } + [row.sentence]
            }
        )
    }

    /// What is varied, by the last part of each key.
    private static func label(_ point: PointComparison) -> String {
        point.parameters.map { $0.split(separator: ".").last.map(String.init) ?? $0 }.joined(separator: " ")
    }

    /// The mean step of every point of two sweeps.
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
