import Basics
import Figures
import Records
import Reports

/// A table of the index, filled from the reports of runs.
public struct IndexTable: Equatable, Sendable {
    /// The name of the table in SQL.
    public let name: String
    /// The meaning of a row, for example `a rank of a run, over all layers`.
    public let row: String
    /// The path in the JSON of the list whose elements are rows, or nil for one row per report.
    let list: [String]?
    /// The columns that the report fills.
    public let columns: [IndexColumn]
    /// The columns that tell the rows of a run apart.
    let key: [String]

    /// The table of runs, which has the column `path` beside its `columns`.
    public static let runs = IndexTable(
        name: "runs",
        row: "a run",
        list: nil,
        columns: descriptionColumns + figureColumns,
        key: ["id"]
    )

    /// The table of the ranks of every run, over all layers.
    public static let rankTotals = IndexTable(
        name: "rank_totals",
        row: "a rank of a run, over all layers",
        list: ["rank_totals"],
        columns: rankColumns,
        key: ["rank"]
    )

    /// The table of the seconds of each phase, for every run.
    public static let phases = IndexTable(
        name: "phases",
        row: "a phase of the steps of a run",
        list: ["time", "phases"],
        columns: phaseColumns,
        key: ["phase"]
    )

    /// The table of the balance losses of every run.
    public static let losses = IndexTable(
        name: "losses",
        row: "a loss that the router of a run reports",
        list: ["load", "losses"],
        columns: lossColumns,
        key: ["name"]
    )

    /// All tables, the runs first.
    public static let all = [runs, rankTotals, phases, losses]

    /// The SQL statement that makes the table; the rows of a run are deleted with the run.
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

    /// The SQL statement that adds a row.
    var insertion: String {
        let marks = columnNames.map { _ in "?" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(columnNames.joined(separator: ", "))) VALUES (\(marks))"
    }
}

extension IndexTable {
    /// The columns of the catalogue's figures, called by their paths in the report; a spread has four.
    static let figureColumns =
        Figure.catalogue.flatMap { figure -> [IndexColumn] in
            switch figure.form {
            case .spread: Statistic.allCases.map { column(FigureName(figure, $0), .real) }
            case .number: [column(FigureName(figure), .real)]
            case .whole: [column(FigureName(figure), .integer)]
            }
        } + [IndexColumn("output.sha256", .text)]

    private static func column(_ name: FigureName, _ kind: IndexColumn.Kind) -> IndexColumn {
        IndexColumn("\(name)", kind, as: name.column)
    }
}

extension IndexTable {
    static let rankColumns =
        [
            IndexColumn("rank", .integer, isRequired: true), IndexColumn("experts", .integer),
            IndexColumn("copies", .real), IndexColumn("shared_tokens", .real), IndexColumn("share", .real),
            IndexColumn("imbalance", .real),
        ] + Phase.ofRank.map { IndexColumn("seconds.\($0.rawValue)", .real) } + [
            IndexColumn("dispatch_bytes", .real), IndexColumn("combine_bytes", .real),
        ]

    static let phaseColumns = [
        IndexColumn("phase", .text, isRequired: true), IndexColumn("seconds", .real), IndexColumn("share", .real),
    ]

    static let lossColumns =
        [IndexColumn("name", .text, isRequired: true)] + IndexColumn.spread("value") + [
            IndexColumn("coefficient", .real), IndexColumn("value_at_balance", .real),
        ]
}

extension IndexTable {
    /// All tables with their columns, as Markdown.
    public static var markdown: String { all.map(\.markdown).joined(separator: "\n") }

    /// The table with its columns, as Markdown.
    public var markdown: String {
        let isOfRuns = list == nil
        let kind = IndexColumn.Kind.text.rawValue
        var rows = columns.map { [$0.name, $0.kind.rawValue, meaning(of: $0)] }
        if isOfRuns {
            rows.append(["path", kind, "the folder of the run, from the folder of the index on"])
        } else {
            rows.insert(["run_id", kind, "id of the run"], at: 0)
        }
        let table = MarkdownTable.text(["column", "type", "meaning"], rows: rows)
        return "### \(name): one row for \(row)\n\n\(table)"
    }

    /// The meaning of a column: its description in the schema of reports and, for a spread, the statistic.
    func meaning(of column: IndexColumn) -> String {
        let path = ((list ?? []) + column.path.filter { Int($0) == nil }).joined(separator: ".")
        let (parent, last) = (path.split(separator: ".").dropLast().joined(separator: "."), column.path.last ?? "")
        if let statistic = Statistic(rawValue: last), let meaning = ReportSchema.meanings[parent] {
            return "\(Self.plain(meaning)): \(statistic.word)"
        }
        return Self.plain(ReportSchema.meanings[path] ?? "")
    }

    /// A description without the full stop at its end.
    private static func plain(_ meaning: String) -> String {
        meaning.hasSuffix(".") ? String(meaning.dropLast()) : meaning
    }
}

extension IndexTable {
    /// The columns that describe a run, called by their paths in the report without `run`.
    static let descriptionColumns = [
        IndexColumn("run.id", .text, as: "id", isRequired: true),
        IndexColumn("status", .text, isRequired: true),
        IndexColumn("reasons", .text, separator: "; "),
        IndexColumn("notes", .text, separator: "; "),
        IndexColumn("clock", .text, isRequired: true),
        IndexColumn("run.started_at", .text, as: "started_at", isRequired: true),
        IndexColumn("run.epsim_version", .text, as: "epsim_version"),
        IndexColumn("run.config_name", .text, as: "config_name"),
        IndexColumn("run.command_line", .text, as: "command_line", separator: " "),
        IndexColumn("seed", .integer),
        IndexColumn("workers", .integer),
        IndexColumn("steps", .integer),
        IndexColumn("run.warmup_steps", .integer, as: "warmup_steps"),
        IndexColumn("run.workload.tokens_per_step", .integer, as: "tokens_per_step"),
        IndexColumn("run.workload.summary", .text, as: "workload"),
        IndexColumn("run.model.layers", .integer, as: "layers"),
        IndexColumn("run.model.experts", .integer, as: "experts"),
        IndexColumn("run.model.expert.hidden", .integer, as: "hidden"),
        IndexColumn("run.model.expert.ffn", .integer, as: "expert_ffn"),
        IndexColumn("run.router", .text, as: "router"),
        IndexColumn("run.expert_dtype", .text, as: "expert_dtype"),
        IndexColumn("run.dispatch_dtype", .text, as: "dispatch_dtype"),
        IndexColumn("run.payload_dtype", .text, as: "payload_dtype"),
        IndexColumn("run.combine", .text, as: "combine"),
        IndexColumn("run.overlap", .text, as: "overlap"),
        IndexColumn("run.placement", .text, as: "placement"),
        IndexColumn("run.transport", .text, as: "transport"),
        IndexColumn("run.hardware.profile", .text, as: "hardware"),
        IndexColumn("run.hosts.0.name", .text, as: "host"),
        IndexColumn("run.hosts.0.cores", .integer, as: "cores"),
        IndexColumn("run.hosts.0.busy_processes", .integer, as: "busy_processes"),
    ]
}

/// A column of the index: its name and type in SQL, and its path in `report.json`.
public struct IndexColumn: Equatable, Sendable {
    /// The SQL type of a value.
    public enum Kind: String, Equatable, Sendable {
        /// A text.
        case text = "TEXT"
        /// A whole number.
        case integer = "INTEGER"
        /// A number.
        case real = "REAL"
    }

    /// The name of the column in SQL.
    public let name: String
    /// The SQL type of the values.
    public let kind: Kind
    /// The path of the value in `report.json`; a number is the index of a list's element, from 0.
    public let path: [String]
    /// True where a report that lacks the value is refused.
    public let isRequired: Bool
    /// The text between the elements of a list, which are joined to one value; nil where the value is no list.
    let separator: String?

    /// Create a column whose name is the path with `_` for `.`, unless `name` is given.
    init(
        _ path: String,
        _ kind: Kind,
        as name: String? = nil,
        isRequired: Bool = false,
        separator: String? = nil
    ) {
        self.name = name ?? path.replacing(".", with: "_")
        self.kind = kind
        self.path = path.split(separator: ".").map(String.init)
        self.isRequired = isRequired
        self.separator = separator
    }

    /// Return the four columns of a spread: mean, median, 90th percentile and maximum.
    static func spread(_ path: String) -> [IndexColumn] {
        Statistic.allCases.map { IndexColumn("\(path).\($0.rawValue)", .real) }
    }
}
