import Basics
import FoundationEssentials
import Glibc
public import Reports

/// The folder that a sweep leaves: `sweep.yaml`, `points/<name>/`, `failed/<name>/`, `summary.csv`
/// and `report.html`.
///
/// A run is made in `running/<name>/`, and is renamed to a folder below `points` or `failed` when it is complete, so
/// that a folder there is always of a finished run, whatever stops the sweep. Every method throws a `FileError` or
/// `ReportError` with the path and the reason.
public final class SweepFolder {
    /// The path of the folder.
    public let path: String
    private let lock: FolderLock

    /// Make the folder, or open an existing one, and keep other sweeps out of it.
    ///
    /// - Parameters:
    ///   - path: the path of the folder; missing folders above it are made.
    ///   - resumes: whether the folder may hold results already.
    /// - Throws: `ReportError` also where the folder holds results that are not to be resumed.
    public init(_ path: String, resumes: Bool) throws {
        self.path = path
        try Folder.makeAll(path)
        guard let lock = try FolderLock.take(path) else {
            throw ReportError(.file, "another sweep is at work in '\(Printable.text(path))'")
        }
        self.lock = lock
        for name in Self.parts { try Folder.makeAll("\(path)/\(name)") }
        let results = try Self.names("\(path)/points") + Self.names("\(path)/failed")
        guard resumes || results.isEmpty else {
            throw ReportError(
                .file,
                "'\(Printable.text(path))' holds results of a sweep: continue it with --resume, or choose another --out"
            )
        }
        for name in try Self.names("\(path)/running") { try Self.remove("\(path)/running/\(name)") }
    }

    /// Write a copy of the sweep file.
    public func writeSweepFile(_ text: String) throws { try write("sweep.yaml", text) }

    /// Replace `summary.csv`.
    public func writeSummary(_ summary: SweepSummary) throws { try write(SweepSummary.fileName, summary.csv()) }

    /// Replace `report.html`, the page of the sweep.
    public func writePage(_ html: String) throws { try write("report.html", html) }

    /// Read the records of finished and of failed runs from the folders.
    public static func records(in path: String) throws(ReportError) -> [PointName: PointRecord] {
        var records: [PointName: PointRecord] = [:]
        for part in ["failed", "points"] {
            for name in try names("\(path)/\(part)") {
                let record = try record("\(path)/\(part)/\(name)/\(PointRecord.fileName)")
                records[record.name] = record
            }
        }
        return records
    }

    private static func record(_ file: String) throws(ReportError) -> PointRecord {
        let remedy = "remove its folder to run the point again"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ReportError(.file, "'\(Printable.text(file))' cannot be read; \(remedy)")
        }
        do {
            return try PointRecord(json: text)
        } catch {
            throw ReportError(.json, "'\(Printable.text(file))': \(error); \(remedy)")
        }
    }

    /// Make an empty folder for a run that begins.
    public func begin(_ name: PointName) throws -> String {
        let folder = "\(path)/running/\(name)"
        try Folder.make(folder)
        return folder
    }

    /// Keep a run that has ended, with all files in its folder: below `failed` if it failed, else below `points`.
    public func keep(_ record: PointRecord) throws {
        let folder = "\(path)/running/\(record.name)"
        try AtomicFile.write(record.json(), to: "\(folder)/\(PointRecord.fileName)")
        try Self.remove("\(path)/failed/\(record.name)")
        let place = record.status == .failed ? "failed" : "points"
        guard unsafe rename(folder, "\(path)/\(place)/\(record.name)") == 0 else {
            throw FileError("rename", folder)
        }
        try Folder.flush("\(path)/\(place)")
    }

    /// Remove a run that did not finish.
    public func discard(_ name: PointName) throws(ReportError) { try Self.remove("\(path)/running/\(name)") }

    /// Remove the folder of unfinished runs.
    public func close() throws(ReportError) { try Self.remove("\(path)/running") }

    private static let parts = ["points", "failed", "running"]

    private func write(_ name: String, _ text: String) throws {
        try AtomicFile.write(text, to: "\(path)/\(name)")
    }

    /// The names in a folder, sorted; none where there is no folder.
    private static func names(_ folder: String) throws(ReportError) -> [String] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw ReportError(.file, "cannot read folder '\(Printable.text(folder))': \(error)")
        }
    }

    private static func remove(_ path: String) throws(ReportError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw ReportError(.file, "cannot remove '\(Printable.text(path))': \(error)")
        }
    }
}

extension SweepSummary {
    /// Read the summary of a sweep: the runs from their folders, the varied values from `summary.csv`.
    ///
    /// Runs that are not in `summary.csv`, which an earlier version of the sweep file left, are omitted.
    ///
    /// - Parameter path: the folder of the sweep.
    /// - Throws: `ReportError` that names the file when one cannot be read.
    public init(folder path: String) throws(ReportError) {
        let file = "\(path)/\(Self.fileName)"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ReportError(.file, "'\(Printable.text(file))' cannot be read")
        }
        try self.init(csv: text, called: file, records: SweepFolder.records(in: path))
    }
}
