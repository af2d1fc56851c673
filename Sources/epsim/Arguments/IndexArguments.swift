import ArgumentParser
import Foundation
import RunStore

/// The argument that chooses the index of a command.
struct IndexArguments: ParsableArguments {
    @Option(help: "Folder of the run folders and their index (default: EPSIM_RUN_OUT, else runs).")
    var out: String?

    func validate() throws {
        if let out, out.isEmpty { throw ValidationError("--out '' must name a folder") }
    }

    /// The index in the given folder, else in that of `EPSIM_RUN_OUT`, else in `runs`.
    var index: RunIndex {
        let given =
            out ?? ProcessInfo.processInfo.environment["EPSIM_RUN_OUT"].flatMap { $0.isEmpty ? nil : $0 } ?? "runs"
        // One form for a folder, however it was typed: paths of runs begin with it.
        let trimmed = given.count > 1 ? String(given.reversed().drop { $0 == "/" }.reversed()) : given
        return RunIndex(folder: trimmed.isEmpty ? "/" : trimmed)
    }
}
