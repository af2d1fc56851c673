/// A table of the index, filled from the reports of runs.
public struct IndexTable: Equatable, Sendable {
    /// The name in SQL.
    public let name: String
    /// What a row stands for.
    public let row: String
    /// The keys that lead to the list in the JSON whose elements are rows, or nil for one row a report.
    let list: [String]?
    /// The columns that the report fills.
    public let columns: [IndexColumn]
    /// The columns whose values tell the rows of a run apart.
    let key: [String]

    /// The runs; beside its columns it has `path`.
    public static let runs = IndexTable(
        name: "runs",
        row: "a run",
        list: nil,
        columns: descriptionColumns + figureColumns,
        key: ["id"]
    )

    /// The ranks of every run.
    public static let rankTotals = IndexTable(
        name: "rank_totals",
        row: "a rank of a run, over all layers",
        list: ["rank_totals"],
        columns: rankColumns,
        key: ["rank"]
    )

    /// The phases of a step of every run.
    public static let phases = IndexTable(
        name: "phases",
        row: "a phase of the steps of a run",
        list: ["time", "phases"],
        columns: phaseColumns,
        key: ["phase"]
    )

    /// The balance losses of every run.
    public static let losses = IndexTable(
        name: "losses",
        row: "a loss that the router of a run reports",
        list: ["load", "losses"],
        columns: lossColumns,
        key: ["name"]
    )

    /// All tables, the runs first.
    public static let all = [runs, rankTotals, phases, losses]

    /// The statement that makes the table; rows of a run go with it.
    var creation: String {
        let isOfRuns = list == nil
        var lines = columns.map { "\($0.name) \($0.kind.rawValue)\($0.isRequired ? " NOT NULL" : "")" }
        if isOfRuns {
            lines.append("path TEXT NOT NULL UNIQUE")
        } else {
            lines.insert("run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE", at: 0)
        }
        lines.append("PRIMARY KEY (\(((isOfRuns ? [] : ["run_id"]) + key).joined(separator: ", ")))")
        return "CREATE TABLE \(name) (\n  \(lines.joined(separator: ",\n  "))\n) WITHOUT ROWID"
    }

    /// All columns in their order, by name.
    public var columnNames: [String] {
        list == nil ? columns.map(\.name) + ["path"] : ["run_id"] + columns.map(\.name)
    }

    /// The statement that adds a row.
    var insertion: String {
        let marks = columnNames.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(columnNames.joined(separator: ", "))) VALUES (\(marks))"
    }
}
