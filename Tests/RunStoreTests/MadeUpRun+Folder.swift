import FoundationEssentials
import MadeUpRuns
import Records
import Reports

extension MadeUpRun {
    /// The small run under another id.
    static func named(_ id: String, seed: UInt64 = 1) -> MadeUpRun {
        var run = small
        run.description.id = id
        run.description.seed = seed
        return run
    }

    /// Writes its folder below `parent` and returns the folder's path.
    @discardableResult
    func write(below parent: String, end: RunEnd = .completed) throws -> String {
        let folder = try RunFolder.create(parent: parent, id: try RunID(description.id))
        try folder.writeConfig("run:\n  seed: \(description.seed)\n")
        try folder.write(try verifiedReport(end: end))
        return folder.path
    }
}
