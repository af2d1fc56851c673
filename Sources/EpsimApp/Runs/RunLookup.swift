import Basics
import Foundation
import Reports
import RunStore

/// Finds the folder of a run by what the user calls it.
struct RunLookup {
    private let index: RunIndex

    /// A look into an index.
    init(index: RunIndex) { self.index = index }

    /// The folder of a run: `name` itself where that is a folder, else that of the run whose id begins so.
    ///
    /// - Throws: ``RunStoreError`` or ``ReportError`` when there is no such run, or its folder is gone.
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
