public import ArgumentParser
import Basics
import EpsimApp
public import Reports
public import RunStore

/// The argument that chooses the index of a command.
struct IndexArguments: ParsableArguments {
    @Option(help: .folder("Folder of the run folders and their index (default: EPSIM_RUN_OUT, else runs)."))
    var out: String?

    func validate() throws { if let out, out.isEmpty { throw ValidationError("--out '' must name a folder") } }

    /// The index in the given folder, else in that of `EPSIM_RUN_OUT`, else in `runs`.
    var index: RunIndex { RunsExecution.index(in: out) }
}

/// The arguments that select runs of the index.
struct RunFilterArguments: ParsableArguments {
    @Option(help: "Runs of this verdict: valid, invalid, failed or interrupted; may be repeated.")
    var status: [RunStatus] = []

    @Option(help: "Runs whose configuration's name contains this.") var config: String?
    @Option(help: "Runs by this clock: measured or modelled.") var clock: StepClock?

    /// The filter of runs; it passes all runs where no argument was given.
    var filter: RunFilter {
        var filter = RunFilter()
        (filter.statuses, filter.config, filter.clock) = (status, config, clock)
        return filter
    }
}

extension ArgumentHelp {
    /// The help of an option that names a folder.
    static func folder(_ text: String) -> ArgumentHelp { ArgumentHelp(text, valueName: "folder") }
}

extension RunStatus: ExpressibleByArgument {}
extension StepClock: ExpressibleByArgument {}
extension PointInTime: ExpressibleByArgument {}
