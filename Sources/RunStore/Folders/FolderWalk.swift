import Basics
internal import FoundationEssentials
import Reports

/// Finds the run folders below a folder, those of sweeps among them.
///
/// Symbolic links and names that begin with `.` are passed by. What is in a run folder is not searched.
struct FolderWalk {
    /// How deep run folders may lie: below `runs`, a run has depth 1, a point of a sweep 3.
    static let depth = 6

    /// Run folders, with the folder searched in front.
    private(set) var folders: [String] = []
    /// Folders that look like a run's but have no report, or cannot be read.
    private(set) var unreadable: [UnreadableFolder] = []

    /// Searches a folder.
    ///
    /// - Throws: ``RunStoreError`` when it cannot be read itself.
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
            } else if below.contains(SweepFolder.recordName) {
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
