import Basics
internal import Foundation
internal import FoundationEssentials
internal import GRDB
internal import Glibc
import Reports

/// The index over the run folders below one folder: `index.sqlite` in it.
///
/// The folders are the truth about runs. The index has a row for each, so that a thousand of them can be listed,
/// compared and queried at once; ``reindex(progress:)`` makes it from the folders at any time. Its tables are described
/// at ``IndexTable/all``. Every method throws a ``RunStoreError``.
public struct RunIndex: Sendable {
    /// The name of the index's file.
    public static let name = "index.sqlite"

    /// The folder that holds the index and, below it, the run folders.
    public let folder: String

    /// The index over the folders below `folder`; nothing is opened yet.
    public init(folder: String) {
        self.folder = folder.isEmpty ? "." : folder
    }

    /// The path of the index's file.
    public var path: String { "\(folder)/\(Self.name)" }

    /// Add the run of a folder, or replace its rows in the index.
    ///
    /// - Parameter runFolder: the folder, which lies below ``folder`` and holds a `report.json`.
    public func add(_ runFolder: String) throws(RunStoreError) {
        let run = try FoundRun(runFolder, relativeTo: folder)
        let queue = try IndexFile.writable(path)
        try IndexFile.attempt(path) {
            try queue.write { database in
                try database.execute(sql: "DELETE FROM runs WHERE path = ? AND id <> ?", arguments: [run.path, run.id])
                try Self.put(run, database)
            }
            try queue.close()
        }
    }

    /// Take a run out of the index; its folder stays.
    public func remove(id: String) throws(RunStoreError) {
        let queue = try IndexFile.writable(path)
        try IndexFile.attempt(path) {
            try queue.write { try $0.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id]) }
            try queue.close()
        }
    }

    /// Write the rows of a run in place of those that the index has.
    static func put(_ run: FoundRun, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM runs WHERE id = ?").execute(arguments: [run.id])
        for (table, rows) in zip(IndexTable.all, run.rows.tables) {
            let statement = try database.cachedStatement(sql: table.insertion)
            for row in rows {
                let isOfRuns = table == IndexTable.all[0]
                let values = isOfRuns ? row + [.text(run.path)] : [.text(run.id)] + row
                try statement.execute(arguments: StatementArguments(values.map(\.databaseValue)))
            }
        }
    }
}

extension RunIndex {
    /// Return the runs that the rules choose, the newest first, each with its fate; nothing is deleted.
    public func candidates(_ rules: PruneRules) throws(RunStoreError) -> [PruneCandidate] {
        var filter = rules.filter
        (filter.sort, filter.isDescending, filter.limit) = (nil, false, nil)
        return try runs(filter).dropFirst(rules.keep).map { PruneCandidate(run: $0, fate: fate(of: $0)) }
    }

    /// Delete the folder of a run as ``PruneCandidate/fate`` says, then take it out of the index.
    ///
    /// The content of the folder is checked again; symbolic links in it are removed, not followed.
    ///
    /// - Throws: ``RunStoreError`` when the folder cannot be deleted, or must not be.
    public func prune(_ run: IndexedRun) throws(RunStoreError) {
        switch fate(of: run) {
        case .stay(let reason): throw RunStoreError("'\(Printable.text(run.folder))' stays: \(reason)")
        case .forget: break
        case .delete:
            do {
                try FileManager.default.removeItem(atPath: run.folder)
            } catch {
                throw RunStoreError("cannot delete '\(Printable.text(run.folder))': \(error.localizedDescription)")
            }
        }
        try remove(id: run.id)
    }

    /// Return the fate of a run; its folder is deleted only when there is no doubt that it is the run's own.
    private func fate(of run: IndexedRun) -> PruneCandidate.Fate {
        guard FileKind.of(run.folder) != nil else { return .forget }
        guard isBelowWithoutLinks(run) else { return .stay("a symbolic link leads to its folder") }
        guard FileKind.of("\(run.folder)/\(RunFolder.configName)") == .file,
            FileKind.of("\(run.folder)/\(RunFolder.reportName)") == .file
        else { return .stay("its folder lacks config.yaml or report.json") }
        guard FileKind.of("\(run.folder)/\(PointRecord.fileName)") == nil else {
            return .stay("it is a point of a sweep, which needs it")
        }
        guard let found = try? FoundRun(run.folder, relativeTo: folder), found.id == run.id else {
            return .stay("the report in its folder is not that of the run")
        }
        return .delete
    }

    /// True where the run's folder lies below the folder of the index, with no symbolic link on the way.
    private func isBelowWithoutLinks(_ run: IndexedRun) -> Bool {
        let parts = run.text("path").split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, !parts.contains(where: { ["", ".", ".."].contains($0) }) else { return false }
        var path = folder
        for part in parts {
            path += "/\(part)"
            guard FileKind.of(path) == .folder else { return false }
        }
        return true
    }
}

extension RunIndex {
    /// Make the index anew from the run folders.
    ///
    /// Runs that end meanwhile keep the row that they add. An index that is broken, or of a newer epsim, is replaced.
    ///
    /// - Parameter progress: called with the folders read and their count.
    /// - Returns: the number of runs found, and the folders that have no place in the index.
    public func reindex(progress: (Int, Int) -> Void = { _, _ in }) throws(RunStoreError) -> ReindexResult {
        var rebuild = Rebuild(self)
        try rebuild.run(progress: progress)
        return rebuild.result
    }
}

extension RunIndex {
    /// Run one SQL statement that reads.
    ///
    /// The connection is opened for reading, so SQLite itself refuses a write.
    ///
    /// - Parameters:
    ///   - sql: the statement.
    ///   - arguments: the values of its question marks.
    ///   - bounds: the most seconds, rows and bytes of the query.
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

extension RunIndex {
    /// The runs of the index that pass a filter, in the order of the filter.
    public func runs(_ filter: RunFilter = RunFilter()) throws(RunStoreError) -> [IndexedRun] {
        let (sql, arguments) = try filter.statement()
        return try runs(sql, arguments)
    }

    /// The number of runs that pass a filter, whatever its limit.
    public func count(_ filter: RunFilter = RunFilter()) throws(RunStoreError) -> Int {
        let (sql, arguments) = filter.count
        let result = try query(sql, arguments)
        return Int(result.rows.first?.first?.number ?? 0)
    }

    /// The run whose id begins with `prefix`.
    ///
    /// - Throws: ``RunStoreError`` when none does, or several.
    public func run(idPrefix prefix: String) throws(RunStoreError) -> IndexedRun {
        let shown = Printable.text(prefix)
        guard !prefix.isEmpty else { throw RunStoreError("'' is no id of a run") }
        let sql = "SELECT * FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id = ?1 DESC, id LIMIT 6"
        let found = try runs(sql, [.text(prefix)])
        guard let first = found.first else {
            throw RunStoreError("no run of the index '\(Printable.text(path))' has an id that begins with '\(shown)'")
        }
        guard found.count == 1 || first.id == prefix else {
            let ids = found.prefix(5).map(\.id).joined(separator: ", ") + (found.count > 5 ? ", …" : "")
            throw RunStoreError("several runs have ids that begin with '\(shown)': \(ids)")
        }
        return first
    }

    private func runs(_ sql: String, _ arguments: [IndexValue]) throws(RunStoreError) -> [IndexedRun] {
        let bounds = QueryBounds(seconds: 30, rows: 1_000_000, bytes: 1 << 30)
        let result = try query(sql, arguments, bounds: bounds)
        return result.rows.map { IndexedRun($0, result.columns, below: folder) }
    }
}

/// An error of the index of runs: it cannot be used, or lacks a run.
public struct RunStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The error, in one sentence.
    public let description: String

    /// True where the index cannot be used as it is, but a rebuild from the run folders mends it.
    let isMendedByReindexing: Bool

    /// An error with its sentence.
    init(_ description: String, isMendedByReindexing: Bool = false) {
        self.description = description
        self.isMendedByReindexing = isMendedByReindexing
    }
}
