import Basics
internal import Dispatch
internal import FoundationEssentials
internal import GRDB
internal import Glibc
import Reports
internal import Synchronization

/// A rebuild of the index from the run folders.
///
/// Rows go into a new file beside the old one, in parts so that memory stays bounded, and from there into the old one
/// in one transaction.
struct Rebuild {
    /// The number of folders read before their rows are written.
    private static let batch = 512

    let index: RunIndex
    private(set) var result = ReindexResult()
    private let partial: String

    init(_ index: RunIndex) {
        self.index = index
        partial = "\(index.path).\(getpid()).partial"
    }

    /// Read all folders and replace the index.
    ///
    /// - Parameter progress: called with the folders read and their count.
    mutating func run(progress: (Int, Int) -> Void) throws(RunStoreError) {
        removeLeftOvers()
        let walk = try FolderWalk(index.folder)
        result.unreadable = walk.unreadable
        defer { Self.remove(partial) }
        let queue = try IndexFile.writable(partial)
        do {
            try fill(queue, walk.folders, progress)
            try queue.close()
            try install()
        } catch let error as RunStoreError {
            throw error
        } catch {
            try IndexFile.attempt(index.path) { throw error }
        }
    }

    private mutating func fill(_ queue: DatabaseQueue, _ folders: [String], _ progress: (Int, Int) -> Void) throws {
        // The file is thrown away if this process dies.
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        for start in stride(from: 0, to: folders.count, by: Self.batch) {
            let paths = Array(folders[start..<min(start + Self.batch, folders.count)])
            let found = read(paths)
            try queue.write { database in
                for (path, run) in zip(paths, found) {
                    switch run {
                    case .success(let run): try put(run, path, database)
                    case .failure(let error): result.unreadable.append(.init(path: path, reason: error.description))
                    }
                }
            }
            progress(start + paths.count, folders.count)
        }
    }

    /// Read the reports of folders on all cores; the results are in the order of `paths`.
    private func read(_ paths: [String]) -> [Result<FoundRun, RunStoreError>] {
        let found = Mutex([Result<FoundRun, RunStoreError>?](repeating: nil, count: paths.count))
        let folder = index.folder
        DispatchQueue.concurrentPerform(iterations: paths.count) { place in
            let run = Result { () throws(RunStoreError) in try FoundRun(paths[place], relativeTo: folder) }
            found.withLock { $0[place] = run }
        }
        return found.withLock { $0.compactMap(\.self) }
    }

    private mutating func put(_ run: FoundRun, _ path: String, _ database: Database) throws {
        let twin = try String.fetchOne(database, sql: "SELECT path FROM runs WHERE id = ?", arguments: [run.id])
        if let twin {
            let reason = "run \(run.id) is in '\(index.folder)/\(twin)' already"
            result.unreadable.append(UnreadableFolder(path: path, reason: reason))
        } else {
            try RunIndex.put(run, database)
            result.runs += 1
        }
    }

    /// Put the new rows into the old index in one transaction, so that other processes see either the old or the new
    /// rows; an index that cannot be used is replaced by the new file.
    private mutating func install() throws {
        let queue: DatabaseQueue
        do {
            queue = try IndexFile.writable(index.path)
        } catch {
            guard error.isMendedByReindexing else { throw error }
            guard unsafe rename(partial, index.path) == 0 else {
                throw RunStoreError(FileError("write", index.path).description)
            }
            Self.remove(index.path + "-journal")
            return
        }
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "ATTACH DATABASE ? AS new", arguments: [partial])
            try database.inTransaction(.immediate) {
                try replace(database)
                return .commit
            }
        }
        try queue.close()
    }

    private mutating func replace(_ database: Database) throws {
        let old = try Row.fetchAll(database, sql: "SELECT id, path FROM runs WHERE id NOT IN (SELECT id FROM new.runs)")
        let bad = Set(result.unreadable.map(\.path))
        for row in old {
            let (id, path): (String, String) = (row[0], "\(index.folder)/\(row[1] as String)")
            // A run that ended since the folders were read.
            if FileKind.of("\(path)/\(RunFolder.reportName)") == .file, !bad.contains(path) {
                result.runs += 1
                continue
            }
            if FileKind.of(path) == nil { result.gone += 1 }
            try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id])
        }
        try database.execute(sql: "DELETE FROM runs WHERE id IN (SELECT id FROM new.runs)")
        try database.execute(sql: "DELETE FROM runs WHERE path IN (SELECT path FROM new.runs)")
        for table in IndexTable.all {
            let columns = table.columnNames.joined(separator: ", ")
            try database.execute(sql: "INSERT INTO \(table.name) (\(columns)) SELECT \(columns) FROM new.\(table.name)")
        }
    }

    /// Remove the partial index files that dead processes have left.
    private func removeLeftOvers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: index.folder)) ?? []
        for name in names where name.hasPrefix(RunIndex.name + ".") {
            let parts = name.split(separator: ".")
            guard let pid = parts.dropFirst(2).first.flatMap({ Int32($0) }), pid != getpid() else { continue }
            if kill(pid, 0) != 0 && errno == ESRCH { Self.remove("\(index.folder)/\(name)") }
        }
    }

    private static func remove(_ path: String) { unsafe unlink(path) }
}

/// A search for the run folders below a folder, those of sweeps among them.
///
/// Symbolic links and names that begin with `.` are passed by. Run folders are not searched further.
struct FolderWalk {
    /// The limit on the depth of a run folder: below `runs`, a run has depth 1, a point of a sweep 3.
    static let depth = 6

    /// The paths of the run folders, each with the searched folder in front.
    private(set) var folders: [String] = []
    /// Folders that look like a run's but have no report, or cannot be read.
    private(set) var unreadable: [UnreadableFolder] = []

    /// Search a folder for run folders.
    ///
    /// - Throws: ``RunStoreError`` when the folder itself cannot be read.
    init(_ folder: String) throws(RunStoreError) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw RunStoreError("cannot read folder '\(Printable.text(folder))'")
        }
        visit(names, of: folder.hasSuffix("/") ? String(folder.dropLast()) : folder, depth: 1)
    }

    private mutating func visit(_ names: [String], of folder: String, depth: Int) {
        // What a sweep is at work on moves when it has ended.
        let isSweep = names.contains("sweep.yaml")
        for name in names.sorted() where !name.hasPrefix(".") && !(isSweep && name == "running") {
            let path = "\(folder)/\(name)"
            guard FileKind.of(path) == .folder else { continue }
            guard let below = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                unreadable.append(UnreadableFolder(path: path, reason: "the folder cannot be read"))
                continue
            }
            if below.contains(RunFolder.reportName) {
                folders.append(path)
            } else if below.contains(PointRecord.fileName) {
                // A prediction of a sweep, which keeps its figures in point.json alone.
                continue
            } else if below.contains(RunFolder.configName) {
                let reason = "no report.json: the run is under way, or was killed"
                unreadable.append(UnreadableFolder(path: path, reason: reason))
            } else if depth < Self.depth {
                visit(below, of: path, depth: depth + 1)
            }
        }
    }
}

/// The result of ``RunIndex/reindex(progress:)``: numbers of runs, and folders left out.
public struct ReindexResult: Equatable, Sendable {
    /// The number of runs that are in the index now.
    public internal(set) var runs = 0
    /// The number of runs that were in the index and whose folders are gone.
    public internal(set) var gone = 0
    /// Folders that look like a run folder and are not in the index.
    public internal(set) var unreadable: [UnreadableFolder] = []
}

/// The kind of a file; symbolic links are not followed.
enum FileKind: Equatable {
    case folder
    case file
    case link
    case other

    /// The kind of the file at a path, or nil where there is none.
    static func of(_ path: String) -> FileKind? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file
        case S_IFLNK: return .link
        default: return .other
        }
    }
}
