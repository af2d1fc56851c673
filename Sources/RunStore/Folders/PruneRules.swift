import Basics
import Figures
public import FoundationEssentials
public import Reports

/// The rules for runs to delete: those that pass a filter, without the newest of them.
public struct PruneRules: Equatable, Sendable {
    /// The filter that the runs pass; its order and limit do not matter.
    public var filter: RunFilter
    /// The number of runs that stay, the newest of those that pass the filter.
    public var keep: Int

    /// Rules with a filter and a number of runs that stay.
    public init(filter: RunFilter, keep: Int) {
        self.filter = filter
        self.keep = keep
    }
}

/// A run that the rules of a pruning name, and its fate.
public struct PruneCandidate: Equatable, Sendable {
    /// The action that a pruning takes on a run.
    public enum Fate: Equatable, Sendable {
        /// Delete the folder, and take the run out of the index.
        case delete
        /// Take the run out of the index; its folder is gone.
        case forget
        /// Keep the run, for the given reason.
        case stay(String)
    }

    /// The run.
    public let run: IndexedRun
    /// The action that a pruning takes on the run.
    public let fate: Fate
}

/// A selection of runs of the index, with its order.
public struct RunFilter: Equatable, Sendable {
    /// The verdicts; empty for all.
    public var statuses: [RunStatus] = []
    /// A part of the configuration's name, or nil for all.
    public var config: String?
    /// The earliest time at which a run started, or nil for all.
    public var since: Date?
    /// The time before which all runs started, or nil for all.
    public var before: Date?
    /// The clock of the runs, or nil for both.
    public var clock: ReportClock?
    /// The column or the figure to sort the runs by, or nil for the newest first.
    public var sort: String?
    /// True for the largest first, and for the oldest first where `sort` is nil.
    public var isDescending = false
    /// The most runs, or nil for all.
    public var limit: Int?

    /// All runs, the newest first.
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

    /// The column of the index with the given name: that of a column, or any name of a figure.
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

    /// The columns that are no figures.
    private static var others: String {
        WordList.all(IndexTable.runs.columnNames.filter { FigureName($0) == nil })
    }

    private func order() throws(RunStoreError) -> String {
        guard let sort else { return "started_at \(isDescending ? "ASC" : "DESC"), id DESC" }
        return "\(try Self.column(sort)) \(isDescending ? "DESC" : "ASC") NULLS LAST, started_at DESC, id DESC"
    }
}
