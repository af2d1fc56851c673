import Basics
internal import GRDB

/// The SQLite file of an index: opened, checked, migrated.
///
/// It is in rollback mode (`journal_mode=delete`): many short processes write it, one at a time, on any file system
/// that has locks; nothing lies beside it between two writes, and one that may only be read can be read.
enum IndexFile {
    /// The version of the layout of the tables, which `PRAGMA user_version` also gives.
    static let schemaVersion = 1
    /// The limit on the wait for another process that writes, in seconds.
    static let busySeconds = 5.0

    /// Open the file for writing, make it where it is missing, and bring its tables up to date.
    static func writable(_ path: String) throws(RunStoreError) -> DatabaseQueue {
        try attempt(path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration())
            try checkVersion(queue, path, isNewAllowed: true)
            try migrate(queue)
            try addNewColumns(queue)
            return queue
        }
    }

    /// Open the file for reading: SQLite itself then refuses every write.
    static func readable(_ path: String) throws(RunStoreError) -> DatabaseQueue {
        guard FileKind.of(path) != nil else {
            throw RunStoreError(
                "there is no index '\(shown(path))'; 'epsim runs reindex' makes one from the run folders (--out names theirs)"
            )
        }
        return try attempt(path) {
            var configuration = configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try checkVersion(queue, path, isNewAllowed: false)
            return queue
        }
    }

    /// Run `body` and turn errors of SQLite into errors that name the file and the remedy.
    static func attempt<Value>(_ path: String, _ body: () throws -> Value) throws(RunStoreError) -> Value {
        do {
            return try body()
        } catch let error as RunStoreError {
            throw error
        } catch let error as DatabaseError {
            throw RunStoreError(
                sentence(error, path),
                isMendedByReindexing: [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode)
            )
        } catch {
            throw RunStoreError("'\(shown(path))': \(error)")
        }
    }

    /// The message for an error of SQLite: the fault of the file, and the remedy.
    private static func sentence(_ error: DatabaseError, _ path: String) -> String {
        let message = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return
                "the index '\(shown(path))' is broken (\(message)); 'epsim runs reindex' makes it anew from the run folders"
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return "the index '\(shown(path))' is in use by another process (waited \(Int(busySeconds)) s)"
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_IOERR, .SQLITE_FULL:
            return "the index '\(shown(path))' cannot be opened or written: \(message)"
        case .SQLITE_ERROR where message.contains("no such column"):
            return
                "the index '\(shown(path))': \(message); 'epsim runs reindex' gives an index of an earlier version its columns"
        default:
            return "the index '\(shown(path))': \(message)"
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.label = "index of runs"
        return configuration
    }

    private static func checkVersion(_ queue: DatabaseQueue, _ path: String, isNewAllowed: Bool) throws {
        let (version, objects) = try queue.read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'"
                ) ?? 0
            )
        }
        let remedy = "'epsim runs reindex' makes it anew from the run folders"
        if version > schemaVersion {
            throw RunStoreError(
                "the index '\(shown(path))' has layout \(version), of a newer epsim; this one reads \(schemaVersion): use "
                    + "the newer one, or \(remedy) for this one",
                isMendedByReindexing: true
            )
        }
        guard version == schemaVersion || (isNewAllowed && objects == 0) else {
            throw RunStoreError(
                "'\(shown(path))' is no index of runs (layout \(version)); \(remedy)",
                isMendedByReindexing: true
            )
        }
    }

    /// Create the tables, unless another process that began at the same time has done so.
    private static func migrate(_ queue: DatabaseQueue) throws {
        do {
            try migrator.migrate(queue)
        } catch {
            guard try queue.read(migrator.hasCompletedMigrations) else { throw error }
        }
    }

    /// Add the columns of figures that are newer than the file; runs in the file have no values there until they are
    /// indexed again.
    private static func addNewColumns(_ queue: DatabaseQueue) throws {
        for table in IndexTable.all {
            let missing = { (database: Database) in
                let known = Set(try database.columns(in: table.name).map(\.name))
                return table.columns.filter { !known.contains($0.name) }
            }
            guard try !queue.read(missing).isEmpty else { continue }
            try queue.write { database in
                for column in try missing(database) {
                    try database.execute(
                        sql: "ALTER TABLE \(table.name) ADD COLUMN \(column.name) \(column.kind.rawValue)"
                    )
                }
            }
        }
    }

    /// The layouts, one migration each; the last one sets `user_version` to ``schemaVersion``.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            for table in IndexTable.all { try database.execute(sql: table.creation) }
            try database.execute(sql: "CREATE INDEX runs_by_start ON runs (started_at, id)")
            try database.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    /// A path that is safe to print.
    static func shown(_ path: String) -> String { Printable.text(path) }
}
