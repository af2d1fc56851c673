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

    /// The fewest characters of an id that are shown where there is little room: the second in which the run began.
    private static let shortestID = 16
    /// The most characters of a model's name.
    private static let longestModel = 12

    private static let columns = [
        TextTable.Column("run", alignment: .left), TextTable.Column("status", alignment: .left),
        TextTable.Column("clock", unit: "or hardware", alignment: .left), TextTable.Column("ranks"),
        TextTable.Column("model", alignment: .left), TextTable.Column("step", unit: "ms"),
        TextTable.Column("imbalance", unit: "max/mean"),
        TextTable.Column("config", alignment: .left, isExplanation: true),
        TextTable.Column("tokens/s", unit: "1/s", isExplanation: true),
        TextTable.Column("exposed", unit: "%", isExplanation: true),
    ]

    /// The runs as a table; empty without runs.
    ///
    /// Where the ids do not fit into `width`, so much of them is shown that tells the runs apart.
    func text(width: Int) -> String {
        guard !runs.isEmpty else { return "" }
        let whole = lines(width: width, idLength: .max)
        let isWhole = whole.allSatisfy { $0.count <= width } && !whole.contains("")
        return (isWhole ? whole : lines(width: width, idLength: idLength)).joined(separator: "\n")
    }

    private func lines(width: Int, idLength: Int) -> [String] {
        var table = TextTable(columns: Self.columns + (sort.map { [TextTable.Column($0)] } ?? []))
        for run in runs {
            table.append(cells(run, idLength: idLength) + (sort.map { [sorted(run, $0)] } ?? []))
        }
        return table.lines(width: width)
    }

    /// The number of characters at which all ids still differ.
    private var idLength: Int {
        let ids = Set(runs.map { Printable.text($0.id) })
        let longest = ids.map(\.count).max() ?? 0
        return (Self.shortestID..<max(Self.shortestID, longest)).first { length in
            Set(ids.map { $0.prefix(length) }).count == ids.count
        } ?? longest
    }

    private func cells(_ run: IndexedRun, idLength: Int) -> [String] {
        func number(_ column: String, scale: Double = 1, decimals: Int) -> String {
            run.number(column).map { FixedPoint.text($0 * scale, decimals: decimals) } ?? "-"
        }
        let hardware = run.text("hardware")
        return [
            String(Printable.text(run.id).prefix(idLength)), run.text("status") + (run.isGone ? ", gone" : ""),
            hardware.isEmpty ? run.text("clock") : Printable.text(hardware),
            number("workers", decimals: 0), Self.model(run),
            number(FigureName(.stepSeconds).column, scale: 1e3, decimals: 3),
            number(FigureName(.rankImbalance).column, decimals: 3),
            Self.ending(Printable.text(run.text("config_name")), 24),
            number(FigureName(.tokensPerSecond).column, decimals: 0),
            number(FigureName(.exposedShare).column, scale: 100, decimals: 1),
        ]
    }

    /// The name of the system that was run, else layers x experts of the model.
    private static func model(_ run: IndexedRun) -> String {
        if let system = ConfigurationRequest.system(ofName: run.text("config_name")) {
            return ending(Printable.text(system), longestModel)
        }
        let sizes = ["layers", "experts"].map { run.number($0).map { FixedPoint.text($0, decimals: 0) } ?? "-" }
        return sizes.joined(separator: " x ")
    }

    /// The value of a run in the sort column: a figure to six digits, anything else as the index holds it.
    private func sorted(_ run: IndexedRun, _ column: String) -> String {
        if FigureName(column) != nil, let value = run.number(column) { return FixedPoint.text(value, significant: 6) }
        return Printable.text(run.values[column]?.field ?? "")
    }

    /// The end of a path, which tells more than its beginning.
    private static func ending(_ path: String, _ most: Int) -> String {
        path.count > most ? "…" + path.suffix(most - 1) : path
    }

    /// The runs as a JSON list of objects with all columns, `gone` and `folder`.
    static func json(_ runs: [IndexedRun]) throws -> String { try JSONText.of(runs.map(values)) }

    /// The runs as comma-separated values with the same columns.
    static func csv(_ runs: [IndexedRun]) -> String {
        let columns = IndexTable.runs.columnNames + ["gone", "folder"]
        let rows = runs.map(values).map { run in columns.map { run[$0]?.field ?? "" } }
        return ([columns] + rows).map(CSVField.row).joined()
    }

    private static func values(_ run: IndexedRun) -> [String: IndexValue] {
        run.values.merging(["gone": .integer(run.isGone ? 1 : 0), "folder": .text(run.folder)]) { $1 }
    }

    /// The number of runs shown and found, in a sentence.
    static func summary(shown: Int, of count: Int, in index: RunIndex) -> String {
        let place = "in \(Printable.text(index.path))"
        guard count > 0 else { return "no such runs \(place)" }
        let runs = Counted.text(count, "run")
        return shown < count ? "\(shown) of \(runs) \(place); --limit 0 lists all" : "\(runs) \(place)"
    }
}
