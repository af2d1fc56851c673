import Basics
import Calibration

/// A validation report as tables, for terminals and for pages.
struct ValidationText {
    private let report: ValidationReport

    init(_ report: ValidationReport) { self.report = report }

    /// The lines for a terminal, whose tables have at most `width` characters where possible.
    func lines(width: Int) -> [String] {
        let tables = report.tables.flatMap { table -> [String] in
            let text = TextTable(headers: Self.headers, rows: table.scores.map(row))
            let worst = worst(table).map { "worst: \(describe($0))" } ?? ""
            return [heading(table)] + facts(table) + text.lines(width: width) + [worst, ""]
        }
        let heldOut = heldOutRows.map { rows in
            let text = TextTable(headers: Self.heldOutHeaders, rows: rows)
            return ["# kinds of rows, each predicted by constants that were fitted without any of it"]
                + text.lines(width: width)
        }
        return Array((tables + (heldOut ?? [])).trimmingEmptyEnd)
    }

    /// The lines for a page, in Markdown, without the times of single rows, which stay where they were published.
    var markdown: [String] {
        let tables = report.tables.flatMap { table -> [String] in
            let facts = facts(table).joined(separator: "; ")
            let rows = Self.markdown(Self.headers, table.scores.map(row))
            return ["**\(heading(table))**; \(facts).", ""] + rows + [""]
        }
        let heldOut = heldOutRows.map { rows in
            ["**Kinds of rows, each predicted by constants that were fitted without any of it**", ""]
                + Self.markdown(Self.heldOutHeaders, rows) + [""]
        }
        return Array((tables + (heldOut ?? []) + largestErrors).trimmingEmptyEnd)
    }

    private static let headers = [
        "rows", "times", "median %", "p95 %", "largest %", "bias %", "folds: median %", "p95 %", "target %", "met",
    ]
    private static let heldOutHeaders = ["left out", "times", "median %", "p95 %", "largest %", "bias %"]

    private func heading(_ table: TableScore) -> String {
        let hardware = table.hardware.joined(separator: ", ")
        return "\(Self.name(table.file)): \(table.rows) rows, \(table.kind.rawValue) on \(hardware)"
    }

    /// The fitted constants of a table, and how many of its times lie beyond the range that the model was checked in.
    private func facts(_ table: TableScore) -> [String] {
        let count = table.fittedConstants.count
        let fitted = "\(Counted.text(count, "constant")) fitted on this hardware"
        let sources = table.fittedOn.map(Printable.text).joined(separator: "; ")
        let predictions = report.predictions.filter { $0.file == table.file }
        let notes = Dictionary(grouping: predictions.flatMap(\.notes), by: \.self).map { ($0, $1.count) }
        return [count == 0 ? "no \(fitted.dropFirst(2))" : "\(fitted): \(sources)"]
            + notes.sorted { $0 < $1 }.map { note, count in "\(count) of \(predictions.count) times: \(note)" }
    }

    private func row(_ score: Score) -> [String] {
        let target = score.target.map { target in
            ([target.median, target.p95].compactMap(\.self).map { Self.percent($0, decimals: 0) }
                + (target.largest.map { ["each \(Self.percent($0, decimals: 0))"] } ?? [])).joined(separator: " / ")
        }
        let folds = [score.folds?.median, score.folds?.p95].map { $0.map { Self.percent($0) } ?? "-" }
        return [score.rows] + figures(score.errors) + folds
            + [target ?? "-", score.isMet.map { $0 ? "yes" : "NO" } ?? "-"]
    }

    private func figures(_ errors: ErrorSummary) -> [String] {
        [
            "\(errors.count)", Self.percent(errors.median), Self.percent(errors.p95), Self.percent(errors.largest),
            Self.signed(errors.bias),
        ]
    }

    private func worst(_ table: TableScore) -> RowPrediction? {
        table.scores.map(\.worst).max { abs($0.error) < abs($1.error) }
    }

    private func describe(_ row: RowPrediction) -> String {
        let times = [row.measuredUs, row.predictedUs].map { FixedPoint.text($0, significant: 4) }
        return "line \(row.line), \(row.figure.rawValue) (\(row.setting)): measured \(times[0]) us, "
            + "predicted \(times[1]) us (\(Self.signed(row.error)) %)"
    }

    private var heldOutRows: [[String]]? {
        report.heldOut.map { $0.map { ["\($0.hardware), \($0.rows)"] + figures($0.errors) } }
    }

    /// The twelve largest errors over all tables.
    private var largestErrors: [String] {
        let worst = report.predictions.enumerated().sorted {
            (-abs($0.element.error), $0.offset) < (-abs($1.element.error), $1.offset)
        }
        let rows = worst.prefix(12).map { entry in
            let row = entry.element
            return [Self.name(row.file), "\(row.line)", row.figure.rawValue, row.setting, Self.signed(row.error)]
        }
        return ["**The largest errors of all**", ""]
            + Self.markdown(["table", "line", "time", "row", "error %"], rows)
    }

    private static func markdown(_ headers: [String], _ rows: [[String]]) -> [String] {
        MarkdownTable.text(headers, rows: rows).split(separator: "\n").map(String.init)
    }

    private static func name(_ path: String) -> String { Printable.text(Folder.name(of: path)) }

    private static func percent(_ part: Double, decimals: Int = 1) -> String {
        FixedPoint.text(part * 100, decimals: decimals)
    }

    private static func signed(_ part: Double) -> String {
        let text = percent(part)
        return text.hasPrefix("-") || part <= 0 ? text : "+\(text)"
    }
}

extension TextTable {
    /// Create a table whose first column is text, and the others numbers.
    fileprivate init(headers: [String], rows: [[String]]) {
        self.init(columns: headers.enumerated().map { Column($1, alignment: $0 == 0 ? .left : .right) })
        for row in rows { append(row) }
    }
}

extension [String] {
    /// The lines without empty lines at the end.
    fileprivate var trimmingEmptyEnd: ArraySlice<String> {
        self[..<(lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0)]
    }
}
