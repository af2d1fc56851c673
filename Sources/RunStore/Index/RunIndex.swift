internal import FoundationEssentials
internal import GRDB
import Reports

/// The index over the run folders below one folder: `index.sqlite` in it.
///
/// The folders are the truth about runs. The index has a row for each, so that a thousand of them can be listed,
/// compared and queried at once; ``reindex(progress:)`` makes it from the folders at any time. Its tables are described at
/// ``IndexTable/all``. Every method throws a ``RunStoreError``.
public struct RunIndex: Sendable {
    /// The name of the file.
    public static let name = "index.sqlite"

    /// The folder that the index is over, and in.
    public let folder: String

    /// The index over the folders below `folder`; nothing is opened yet.
    public init(folder: String) {
        self.folder = folder.isEmpty ? "." : folder
    }

    /// Where the file is.
    public var path: String { "\(folder)/\(Self.name)" }

    /// Adds the run whose folder this is, or replaces what the index has of it.
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

    /// Takes a run out of the index; its folder stays.
    public func remove(id: String) throws(RunStoreError) {
        let queue = try IndexFile.writable(path)
        try IndexFile.attempt(path) {
            try queue.write { try $0.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id]) }
            try queue.close()
        }
    }

    /// Writes the rows of a run in place of those that are there.
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
