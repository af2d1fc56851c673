import Basics
public import Figures

/// A comparison as text for a terminal: the two sides, warnings, paired bars, and a table of differences.
///
/// A letter and the form of a bar tell A's from B's; nothing is said by colour.
public struct ComparisonText: Sendable {
    let report: ComparisonReport
    /// The target width of a line, in characters; a table that cannot be cut is wider.
    let width: Int

    /// The comparison as lines, each ended by a line feed.
    public static func render(_ report: ComparisonReport, width: Int = 120) -> String {
        let text = ComparisonText(report: report, width: max(width, TerminalReport.Options.narrowest))
        return text.lines().joined(separator: "\n") + "\n"
    }

    private func lines() -> [String] {
        var sections = [header()]
        if report.a.isSweep { sections.append(sweepBars()) }
        for point in report.points {
            var lines = point.parameters.isEmpty ? [] : wrapped(point.parameters.joined(separator: " "), prefix: "## ")
            if !report.a.isSweep { lines += bars(point) + [""] }
            sections.append(lines + table(point))
        }
        sections.append(notes())
        return Array(sections.filter { !$0.isEmpty }.joined(separator: [""]))
    }

    private func wrapped(_ text: String, prefix: String) -> [String] {
        let continuation = String(repeating: " ", count: prefix.count)
        return LineWrap.lines(Printable.text(text), width: width, prefix: prefix, continuation: continuation)
    }

    private func header() -> [String] {
        var lines = wrapped(Self.side(report.a), prefix: "# A  ") + wrapped(Self.side(report.b), prefix: "# B  ")
        for difference in report.configDifferences {
            let values = [difference.a, difference.b].map { $0 ?? "-" }
            lines += wrapped("\(difference.key): A \(values[0]), B \(values[1])", prefix: "# differs: ")
        }
        return lines + report.warnings.flatMap { wrapped($0, prefix: "warning: ") }
    }

    private static func side(_ side: SideDescription) -> String {
        let count = Counted.text(side.runs.count, "run")
        let clocks = side.clocks.map(\.rawValue).joined(separator: " and ")
        return "\(side.name)\(side.isSweep ? ", a sweep" : ""): \(count), \(clocks) clock"
    }

    /// Return the lines with a bar for A and a bar for B for each main figure of two runs or two sets of runs.
    private func bars(_ point: PointComparison) -> [String] {
        point.rows.filter { $0.isMain && ($0.a != nil || $0.b != nil) }.flatMap { row in
            PairedBars(label: row.title, unit: row.unit, pairs: [("", row.a, row.b)], width: width).lines()
        }
    }

    /// Return the lines with a bar for A and a bar for B for the mean step at every point of two sweeps.
    private func sweepBars() -> [String] {
        let rows = report.points.compactMap { point in
            point.row("\(FigureName(.stepSeconds, .mean))").map {
                (point.parameters.joined(separator: " "), $0.a, $0.b)
            }
        }
        return PairedBars(label: "step, mean", unit: .seconds, pairs: rows, width: width).lines()
    }

    /// The differences of a point: of runs with their intervals and whether they are significant, of predictions as they
    /// are.
    private func table(_ point: PointComparison) -> [String] {
        let ofTest =
            report.confidence.map { level in
                ["\(FixedPoint.text(level * 100, significant: 4)) % interval", "significant"].map {
                    TextTable.Column($0)
                }
            } ?? []
        var table = TextTable(
            columns: [
                TextTable.Column("figure", alignment: .left), TextTable.Column("", alignment: .left),
                TextTable.Column("A"), TextTable.Column("B"), TextTable.Column("B - A"),
            ] + ofTest + [TextTable.Column("verdict", alignment: .left, isWrapped: true)]
        )
        for row in point.rows where !row.isZeroOnBothSides {
            let unit = FigureUnit(row.unit, [row.a?.mean, row.b?.mean].compactMap(\.self))
            // Equal values leave no doubt, however far they spread.
            let interval = row.verdict == .same ? nil : row.interval
            let ends = interval.map { "\(unit.text($0.low)) to \(unit.text($0.high))" }
            let test = [ends ?? "-", row.isSignificant.map { $0 ? "yes" : "no" } ?? "-"]
            table.append(
                [row.title, unit.name, unit.text(row.a?.mean), unit.text(row.b?.mean), unit.text(row.difference)]
                    + (report.isExact ? [] : test) + [row.sentence]
            )
        }
        return table.lines(width: width)
    }

    private func notes() -> [String] {
        var lines = report.unmatched.flatMap { point in
            wrapped("only \(point.side.uppercased()) has \(point.parameters.joined(separator: " "))", prefix: "note: ")
        }
        guard !report.isExact else {
            return lines
                + wrapped(
                    "A and B are \(ComparisonReport.exactSides): each difference is exact",
                    prefix: "note: "
                )
        }
        let repeats =
            report.repeats == .steps
            ? "repeats are the measured steps of one run each; they may depend on each other, and the interval is then too "
                + "narrow: compare several runs of each to be sure. What a report has no value of for each step has no "
                + "interval"
            : "repeats are runs"
        lines += wrapped("\(repeats); intervals are by Welch's t test", prefix: "note: ")
        return lines
    }
}

extension FigureDifference {
    /// True for a figure that is 0 on both sides, for example dropped copies of a router that drops nothing.
    fileprivate var isZeroOnBothSides: Bool { verdict == .same && a?.mean == 0 && b?.mean == 0 }
}

/// Pairs of bars for a terminal, A's above B's, all on one scale that begins at 0.
struct PairedBars {
    /// The letter of each side, and the character that its bar is made of.
    private static let forms = [("A", "█"), ("B", "▒")]
    private static let shortest = 10

    let label: String
    let unit: Figure.Unit
    let pairs: [(label: String, a: RepeatSummary?, b: RepeatSummary?)]
    let width: Int

    /// Return the lines: the label, then each bar with its mean and half the width of its confidence interval.
    func lines() -> [String] {
        let values = pairs.flatMap { [$0.a, $0.b] }.compactMap { $0?.mean }
        let unit = FigureUnit(self.unit, values)
        let texts = pairs.flatMap { [$0.a, $0.b] }.map { Self.text($0, unit) }
        let room = max(Self.shortest, width - 5 - (texts.map(\.count).max() ?? 0))
        let most = values.max() ?? 0
        var lines = [unit.name.isEmpty ? label : "\(label) [\(unit.name)]"]
        for pair in pairs {
            if !pair.label.isEmpty { lines.append("  " + Printable.text(pair.label)) }
            for (form, summary) in zip(Self.forms, [pair.a, pair.b]) {
                let share = most > 0 ? max(0, summary?.mean ?? 0) / most : 0
                let bar = String(repeating: form.1, count: Int((share * Double(room)).rounded()))
                lines.append("  \(form.0) \(bar)\(bar.isEmpty ? "" : " ")\(Self.text(summary, unit))")
            }
        }
        return lines
    }

    private static func text(_ summary: RepeatSummary?, _ unit: FigureUnit) -> String {
        let half = summary?.halfWidth.map { " ± \(unit.text($0))" } ?? ""
        return unit.text(summary?.mean) + half
    }
}

/// The unit and the number of decimals in which values of a figure are written, chosen by the size of the values.
public struct FigureUnit {
    /// The name of the unit, which stands beside the numbers.
    public let name: String
    private let factor: Double
    private let decimals: Int

    /// Choose one unit and one number of decimals for `values`, which stand side by side.
    public init(_ unit: Figure.Unit, _ values: [Double]) {
        let sizes = values.map(\.magnitude)
        switch unit {
        case .seconds: self.init(DisplayUnit.seconds(sizes))
        case .bytes: self.init(DisplayUnit.bytes(sizes))
        case .perSecond: self.init(name: "1/s", factor: 1, decimals: (sizes.max() ?? 0) < 100 ? 2 : 0)
        case .share: self.init(name: "%", factor: 100, decimals: 2)
        case .count: self.init(name: "", factor: 1, decimals: (sizes.max() ?? 0) < 100 ? 2 : 0)
        case .ratio: self.init(name: "", factor: 1, decimals: 4)
        }
    }

    private init(_ unit: DisplayUnit) {
        self.init(name: unit.name, factor: unit.factor, decimals: unit.decimals)
    }

    private init(name: String, factor: Double, decimals: Int) {
        (self.name, self.factor, self.decimals) = (name, factor, decimals)
    }

    /// Return a value as text in the unit, without the unit's name; `-` when there is no value.
    public func text(_ value: Double?) -> String {
        value.map { FixedPoint.text($0 * factor, decimals: decimals) } ?? "-"
    }
}
