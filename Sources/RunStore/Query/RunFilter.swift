public import Basics
import Figures
public import FoundationEssentials
public import Reports

/// A filter on the runs of the index, with the order and the limit of the result.
public struct RunFilter: Equatable, Sendable {
    /// The verdicts that pass; empty for all.
    public var statuses: [RunStatus] = []
    /// A text that the configuration's name contains, or nil for all names.
    public var config: String?
    /// The time at or after which a run started, or nil for any time.
    public var since: Date?
    /// The time before which a run started, or nil for any time.
    public var before: Date?
    /// The clock of the runs, or nil for both.
    public var clock: StepClock?
    /// The column or the figure to sort the runs by, or nil for the newest first.
    public var sort: String?
    /// True to put the largest value first or, where `sort` is nil, the oldest run.
    public var isDescending = false
    /// The limit on the number of runs in the result, or nil for no limit.
    public var limit: Int?

    /// Create a filter that all runs pass, the newest first.
    public init() {}

    /// The `WHERE` clause and its arguments.
    private var conditions: (sql: String, arguments: [IndexValue]) {
        var parts: [String] = []
        var arguments: [IndexValue] = []
        func add(_ part: String, _ values: IndexValue...) {
            parts.append(part)
            arguments += values
        }
        if !statuses.isEmpty {
            parts.append("status IN (\(statuses.map { _ in "?" }.joined(separator: ", ")))")
            arguments += statuses.map { .text($0.rawValue) }
        }
        if let config { add("instr(config_name, ?) > 0", .text(config)) }
        if let since { add("started_at >= ?", .text(since.formatted(.iso8601))) }
        if let before { add("started_at < ?", .text(before.formatted(.iso8601))) }
        if let clock { add("clock = ?", .text(clock.rawValue)) }
        return (parts.isEmpty ? "" : " WHERE " + parts.joined(separator: " AND "), arguments)
    }

    /// The SQL statement that selects all columns of the runs.
    ///
    /// - Throws: ``RunStoreError`` where there is no column to sort by.
    func statement() throws(RunStoreError) -> (sql: String, arguments: [IndexValue]) {
        let (conditions, arguments) = conditions
        let limit = limit.map { " LIMIT \($0)" } ?? ""
        return ("SELECT * FROM runs\(conditions) ORDER BY \(try order())\(limit)", arguments)
    }

    /// The SQL statement that counts the runs, whatever the limit.
    var count: (sql: String, arguments: [IndexValue]) {
        let (conditions, arguments) = conditions
        return ("SELECT count(*) FROM runs\(conditions)", arguments)
    }

    /// Return the column of the index called `name`, which is the column's own name or any name of a figure.
    ///
    /// - Throws: ``RunStoreError`` where there is none, with the nearest name.
    public static func column(_ name: String) throws(RunStoreError) -> String {
        let columns = IndexTable.runs.columnNames
        if columns.contains(name) { return name }
        if let column = FigureName(name)?.column, columns.contains(column) { return column }
        let found = "no column is called '\(Printable.text(name))'"
        let nearest = NearestName.of(name, among: columns).map { ", did you mean \($0)?" } ?? ";"
        throw RunStoreError("\(found)\(nearest) allowed are figures by any of their names, and \(Self.others)")
    }

    /// The names of the columns that hold no figure, as a list in words.
    private static var others: String {
        WordList.all(IndexTable.runs.columnNames.filter { FigureName($0) == nil })
    }

    private func order() throws(RunStoreError) -> String {
        guard let sort else { return "started_at \(isDescending ? "ASC" : "DESC"), id DESC" }
        return "\(try Self.column(sort)) \(isDescending ? "DESC" : "ASC") NULLS LAST, started_at DESC, id DESC"
    }
}
