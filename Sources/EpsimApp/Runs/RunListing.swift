import Basics
import Figures
import Foundation
import RunStore

/// The output of `epsim runs list`.
struct RunListing {
    private let runs: [IndexedRun]
    private let sort: String?

    /// Create the output for a list of runs.
    ///
    /// - Parameter sort: the column that the runs are sorted by, which is shown too; nil for none.
    init(runs: [IndexedRun], sort: String?) {
        self.runs = runs
        self.sort = sort
    }

    private static let columns = [
        TextTable.Column("run", alignment: .left), TextTable.Column("status", alignment: .left),
        TextTable.Column("clock", alignment: .left), TextTable.Column("workers"),
        TextTable.Column("step", unit: "ms"), TextTable.Column("tokens/s", unit: "1/s"),
        TextTable.Column("imbalance", unit: "max/mean"), TextTable.Column("exposed", unit: "%"),
        TextTable.Column("config", alignment: .left),
    ]

    /// The runs as a table; empty without runs.
    func text(width: Int) -> String {
        guard !runs.isEmpty else { return "" }
        var table = TextTable(columns: Self.columns + (sort.map { [TextTable.Column($0)] } ?? []))
        for run in runs {
            table.append(cells(run) + (sort.map { [sorted(run, $0)] } ?? []))
        }
        return table.lines(width: width).map(\.withoutTrailingSpaces).joined(separator: "\n")
    }

    private func cells(_ run: IndexedRun) -> [String] {
        func number(_ column: String, scale: Double = 1, decimals: Int) -> String {
            run.number(column).map { FixedPoint.text($0 * scale, decimals: decimals) } ?? "-"
        }
        return [
            Printable.text(run.id), run.text("status") + (run.isGone ? ", gone" : ""), run.text("clock"),
            number("workers", decimals: 0),
            number(FigureName(.stepSeconds).column, scale: 1e3, decimals: 3),
            number(FigureName(.tokensPerSecond).column, decimals: 0),
            number(FigureName(.rankImbalance).column, decimals: 3),
            number(FigureName(.exposedShare).column, scale: 100, decimals: 1),
            Self.ending(Printable.text(run.text("config_name"))),
        ]
    }

    /// The value of a run in the sort column: a figure to six digits, anything else as the index holds it.
    private func sorted(_ run: IndexedRun, _ column: String) -> String {
        if FigureName(column) != nil, let value = run.number(column) { return FixedPoint.text(value, significant: 6) }
        return Printable.text(run.values[column]?.field ?? "")
    }

    /// The end of a path, which tells more than its beginning.
    private static func ending(_ path: String) -> String { path.count > 24 ? "…" + path.suffix(23) : path }

    /// The runs as a JSON list of objects with all columns, `gone` and `folder`.
    static func json(_ runs: [IndexedRun]) throws -> String {
        let objects = runs.map { run in
            run.values.merging(["gone": .integer(run.isGone ? 1 : 0), "folder": .text(run.folder)]) { $1 }
        }
        return try JSONText.of(objects)
    }

    /// The number of runs shown and found, in a sentence.
    static func summary(shown: Int, of count: Int, in index: RunIndex) -> String {
        let place = "in \(Printable.text(index.path))"
        guard count > 0 else { return "no such runs \(place)" }
        let runs = Counted.text(count, "run")
        return shown < count ? "\(shown) of \(runs) \(place); --limit 0 lists all" : "\(runs) \(place)"
    }
}
