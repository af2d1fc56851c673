import Basics
import Foundation
import Reports
public import RunStore

/// The commands `epsim runs`: the runs of an index are listed, shown, queried in SQL, deleted, and indexed anew.
///
/// Every method throws ``ExitStatus`` unless all is well.
public struct RunsExecution {
    private let index: RunIndex

    /// Create the commands for an index.
    public init(index: RunIndex) { self.index = index }

    /// The index in a folder, or, where none is given, in that of `EPSIM_RUN_OUT`, else in `runs`.
    public static func index(in folder: String?) -> RunIndex {
        let named = ProcessInfo.processInfo.environment["EPSIM_RUN_OUT"].flatMap { $0.isEmpty ? nil : $0 }
        let given = folder ?? named ?? "runs"
        // One form for a folder, however it was typed: paths of runs begin with it.
        let trimmed = given.count > 1 ? String(given.reversed().drop { $0 == "/" }.reversed()) : given
        return RunIndex(folder: trimmed.isEmpty ? "/" : trimmed)
    }

    /// List runs.
    ///
    /// - Parameters:
    ///   - sort: the figure or column to sort by, or nil for the newest first.
    ///   - format: the form; JSON and CSV have all columns.
    public func list(_ filter: RunFilter, sort: String?, as format: OutputFormat) throws {
        try reportingStoreErrors {
            var filter = filter
            let column = try sort.map { try RunFilter.column($0) }
            filter.sort = column
            let runs = try index.runs(filter)
            switch format {
            case .json: return Console.print(try RunListing.json(runs))
            case .csv: return Console.print(RunListing.csv(runs))
            case .table: break
            }
            let table = RunListing(runs: runs, sort: column).text(width: Console.width)
            if !table.isEmpty { Console.print(table) }
            let count = runs.count == filter.limit ? try index.count(filter) : runs.count
            Console.note(RunListing.summary(shown: runs.count, of: count, in: index))
        }
    }

    /// The form in which `epsim runs show` prints a run.
    public enum RunForm {
        /// The report as `epsim run` printed it.
        case table(showsOverSteps: Bool)
        /// The text of report.json.
        case json
        /// A row for each figure of the report.
        case csv
        /// The path of the run folder.
        case path
    }

    /// Show a run by its folder or the beginning of its id.
    public func show(_ name: String, as form: RunForm) throws {
        try reportingStoreErrors(as: .badConfiguration) {
            let folder = try RunLookup(index: index).folder(name)
            switch form {
            case .path: Console.print(folder)
            case .json:
                _ = try RunFolder.report(in: folder)
                Console.print(try RunFolder.reportText(in: folder))
            case .csv: Console.print(try RunFolder.report(in: folder).csv)
            case .table(let showsOverSteps):
                let options = TerminalReport.Options(
                    color: Console.usesColor,
                    width: Console.width,
                    showsOverSteps: showsOverSteps
                )
                Console.print(TerminalReport.render(try RunFolder.report(in: folder), options: options))
                Console.note("run folder: \(folder)")
            }
        }
    }

    /// List the runs that the rules select, or delete them.
    public func prune(_ rules: PruneRules, deletes: Bool) throws {
        try reportingStoreErrors {
            let pruning = RunPruning(candidates: try index.candidates(rules), index: index)
            if deletes { try pruning.delete() } else { pruning.list() }
        }
    }

    /// Query the index in SQL and print the result.
    ///
    /// - Parameter seconds: the time that the query may take.
    public func query(_ sql: String, seconds: Double, as format: OutputFormat) throws {
        try reportingStoreErrors {
            let result = try index.query(sql, bounds: QueryBounds(seconds: seconds))
            switch format {
            case .json: Console.print(try result.json())
            case .csv: Console.print(result.csv)
            case .table: Console.print(Self.table(result))
            }
        }
    }

    private static func table(_ result: QueryResult) -> String {
        var table = TextTable(
            columns: result.columns.indices.map { place in
                let isText = result.rows.contains { $0[place].text != nil }
                return TextTable.Column(Printable.text(result.columns[place]), alignment: isText ? .left : .right)
            }
        )
        for row in result.rows { table.append(row.map { $0 == .null ? "-" : Printable.text($0.field) }) }
        return table.lines(width: Console.width).joined(separator: "\n")
    }

    /// Build the index anew from the run folders.
    public func reindex() throws {
        try reportingStoreErrors {
            let line = StatusLine(isShown: true)
            let started = Date()
            let result = try index.reindex { line.show("run folders: \($0) of \($1)") }
            line.end()
            for folder in result.unreadable {
                Console.note("not in the index: \(Printable.text(folder.path)): \(Printable.text(folder.reason))")
            }
            let seconds = FixedPoint.text(Date().timeIntervalSince(started), decimals: 1)
            let gone = result.gone == 0 ? "" : ", \(result.gone) gone"
            Console.note("\(Counted.text(result.runs, "run")) in \(Printable.text(index.path))\(gone) (\(seconds) s)")
        }
    }
}

/// The lookup of a run folder by its path or by the beginning of the run's id.
struct RunLookup {
    private let index: RunIndex

    /// Create a lookup in an index.
    init(index: RunIndex) { self.index = index }

    /// The folder of a run: `name` itself where that is a folder, else that of the run whose id begins with `name`.
    ///
    /// - Throws: `RunStoreError` or `ReportError` when there is no such run, or its folder is gone.
    func folder(_ name: String) throws -> String {
        var isFolder: ObjCBool = false
        if unsafe FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue {
            guard FileManager.default.fileExists(atPath: "\(name)/\(RunFolder.reportName)") else {
                throw ReportError(
                    .file,
                    "'\(Printable.text(name))' is no run folder: it has no \(RunFolder.reportName)"
                )
            }
            return name
        }
        guard !FileManager.default.fileExists(atPath: name) else {
            throw ReportError(.file, "'\(Printable.text(name))' is a file, allowed: the folder of a run, or its id")
        }
        guard !name.contains("/") else {
            throw ReportError(.file, "there is no folder '\(Printable.text(name))'")
        }
        let run = try index.run(idPrefix: name)
        guard !run.isGone else {
            throw ReportError(
                .file,
                "the folder '\(Printable.text(run.folder))' of run \(run.id) is gone; 'epsim runs reindex' forgets it"
            )
        }
        return run.folder
    }
}

/// The deletion of the runs that `epsim runs prune` found.
struct RunPruning {
    private let candidates: [PruneCandidate]
    private let index: RunIndex

    /// Create the deletion of runs from their index.
    init(candidates: [PruneCandidate], index: RunIndex) {
        self.candidates = candidates
        self.index = index
    }

    /// List the runs that would be deleted.
    func list() {
        for candidate in candidates { Console.print(line(candidate)) }
        let doomed = self.doomed.count
        Console.note(doomed == 0 ? "nothing to delete" : "\(Counted.text(doomed, "run")) to delete; --yes deletes")
    }

    /// Delete the runs; a run that cannot be deleted is reported, and the rest goes on.
    func delete() throws {
        var deleted = 0
        for candidate in candidates {
            if case .stay = candidate.fate {
                Console.note(line(candidate))
                continue
            }
            do {
                try index.prune(candidate.run)
                deleted += 1
                Console.print(line(candidate))
            } catch {
                Console.note("epsim: \(error)")
            }
        }
        Console.note("\(Counted.text(deleted, "run")) deleted")
        if deleted < doomed.count { throw ExitStatus.failure }
    }

    private var doomed: [PruneCandidate] {
        candidates.filter { if case .stay = $0.fate { false } else { true } }
    }

    private func line(_ candidate: PruneCandidate) -> String {
        let folder = Printable.text(candidate.run.folder)
        return switch candidate.fate {
        case .delete: "delete \(folder)"
        case .forget: "forget \(folder): it is gone"
        case .stay(let reason): "stays: \(folder): \(reason)"
        }
    }
}
