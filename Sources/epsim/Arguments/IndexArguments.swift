import ArgumentParser
import EpsimApp
import RunStore

/// The argument that chooses the index of a command.
struct IndexArguments: ParsableArguments {
    @Option(help: "Folder of the run folders and their index (default: EPSIM_RUN_OUT, else runs).")
    var out: String?

    func validate() throws {
        if let out, out.isEmpty { throw ValidationError("--out '' must name a folder") }
    }

    /// The index in the given folder, else in that of `EPSIM_RUN_OUT`, else in `runs`.
    var index: RunIndex { RunsExecution.index(in: out) }
}
