import Basics
internal import GRDB
import Reports

extension RunIndex {
    /// Runs one SQL statement that reads.
    ///
    /// The connection is opened to be read, so it is SQLite that refuses a write.
    ///
    /// - Parameters:
    ///   - sql: the statement.
    ///   - arguments: the values of its question marks.
    ///   - bounds: what it may take.
    /// - Throws: ``RunStoreError`` with SQLite's own words where it refuses, and when a bound is passed.
    public func query(
        _ sql: String,
        _ arguments: [IndexValue] = [],
        bounds: QueryBounds = QueryBounds()
    ) throws(RunStoreError) -> QueryResult {
        let queue = try IndexFile.readable(path)
        let deadline = Deadline(seconds: bounds.seconds) { queue.interrupt() }
        defer { deadline.cancel() }
        do {
            return try queue.read { try Self.rows(of: sql, arguments, bounds, $0, deadline) }
        } catch let error as RunStoreError {
            throw error
        } catch let error as DatabaseError {
            if deadline.hasPassed { throw Self.late(bounds) }
            throw RunStoreError(Self.sentence(error))
        } catch {
            throw RunStoreError("\(error)")
        }
    }

    private static func rows(
        of sql: String,
        _ arguments: [IndexValue],
        _ bounds: QueryBounds,
        _ database: Database,
        _ deadline: Deadline
    ) throws -> QueryResult {
        let statement = try database.makeStatement(sql: sql)
        var rows: [[IndexValue]] = []
        var bytes = 0
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
        while let row = try cursor.next() {
            // An interrupt may come between two steps of the statement.
            if deadline.hasPassed { throw late(bounds) }
            let values = Array(row.databaseValues).map { IndexValue($0) }
            bytes += values.reduce(0) { $0 + $1.size }
            guard rows.count < bounds.rows, bytes <= bounds.bytes else {
                throw RunStoreError(
                    "the result has more than \(rows.count < bounds.rows ? "\(bounds.bytes) bytes" : "\(bounds.rows) rows"); "
                        + "ask for less with WHERE or LIMIT"
                )
            }
            rows.append(values)
        }
        return QueryResult(columns: statement.columnNames, rows: rows)
    }

    private static func late(_ bounds: QueryBounds) -> RunStoreError {
        let seconds = FixedPoint.text(bounds.seconds, significant: 3)
        return RunStoreError("the query took more than \(seconds) s and was interrupted; --seconds allows more")
    }

    private static func sentence(_ error: DatabaseError) -> String {
        let message = error.message ?? "\(error.resultCode)"
        // GRDB's words for it name its own methods.
        guard !message.hasPrefix("Multiple statements") else {
            return "the query has several statements; one is allowed"
        }
        return "SQLite refuses the query: \(message)"
    }
}
