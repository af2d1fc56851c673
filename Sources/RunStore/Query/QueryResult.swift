import Basics
internal import Dispatch
internal import FoundationEssentials
import Reports

/// The result of a query: names of columns, and rows.
public struct QueryResult: Equatable, Sendable {
    /// The names of the columns.
    public let columns: [String]
    /// The rows, each with a value per column.
    public let rows: [[IndexValue]]

    /// The value of a named column in a row; null where there is no such column.
    public func value(_ row: [IndexValue], _ column: String) -> IndexValue {
        columns.firstIndex(of: column).map { row[$0] } ?? .null
    }

    /// The rows as a list of objects with the columns as keys, one per line.
    ///
    /// - Throws: ``RunStoreError`` when two columns have one name.
    public func json() throws(RunStoreError) -> String {
        if let twice = Dictionary(grouping: columns, by: \.self).first(where: { $0.value.count > 1 })?.key {
            throw RunStoreError("two columns are called '\(Printable.text(twice))': give them names with AS")
        }
        do {
            let lines = try rows.map { row -> String in
                let object = Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first })
                return try JSONText.line(object, called: "the result")
            }
            return lines.isEmpty ? "[]\n" : "[\n  " + lines.joined(separator: ",\n  ") + "\n]\n"
        } catch {
            throw RunStoreError("\(error)")
        }
    }

    /// The rows as comma-separated values (RFC 4180) with a header; an empty field is null.
    public var csv: String {
        ([columns] + rows.map { $0.map(\.field) }).map(CSVField.row).joined()
    }
}

/// The limits on a query: its seconds, rows and bytes.
public struct QueryBounds: Equatable, Sendable {
    /// Seconds until the query is interrupted.
    public var seconds: Double
    /// The limit on the rows that the query gives.
    public var rows: Int
    /// The limit on the bytes of all values that the query gives, approximately.
    public var bytes: Int

    /// Bounds of a query, by default ten seconds, 100,000 rows and 256 MiB.
    public init(seconds: Double = 10, rows: Int = 100_000, bytes: Int = 256 << 20) {
        self.seconds = seconds
        self.rows = rows
        self.bytes = bytes
    }
}

/// A timer that calls an action when its time is over, and again every 100 ms until it is cancelled.
///
/// So an interrupt that comes too early for one statement is not lost for the next.
struct Deadline {
    private let end: ContinuousClock.Instant
    private let timer: any DispatchSourceTimer

    init(seconds: Double, _ action: @escaping @Sendable () -> Void) {
        end = .now + .seconds(seconds)
        timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + seconds, repeating: .milliseconds(100))
        timer.setEventHandler(handler: action)
        timer.resume()
    }

    /// True once the time is over.
    var hasPassed: Bool { ContinuousClock.now >= end }

    /// Stop calling the action.
    func cancel() { timer.cancel() }
}

/// One run of the index, with the values of its columns.
public struct IndexedRun: Equatable, Sendable {
    /// The values of the columns of ``IndexTable/runs``, by name.
    public let values: [String: IndexValue]
    /// The folder of the run.
    public let folder: String

    init(_ row: [IndexValue], _ columns: [String], below root: String) {
        values = Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first })
        folder = "\(root)/\(values["path"]?.text ?? "")"
    }

    /// Id of the run.
    public var id: String { text("id") }

    /// The text of a column; empty where there is none.
    public func text(_ column: String) -> String { values[column]?.text ?? "" }

    /// The number of a column, or nil.
    public func number(_ column: String) -> Double? { values[column]?.number }

    /// True where the folder has no report any more; 'epsim runs reindex' then takes the run out of the index.
    public var isGone: Bool { FileKind.of("\(folder)/\(RunFolder.reportName)") != .file }
}
