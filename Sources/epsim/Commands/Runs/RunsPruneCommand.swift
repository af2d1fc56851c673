import ArgumentParser
import EpsimApp
import RunStore

/// `epsim runs prune`: the deletion of run folders, and of their entries in the index.
struct RunsPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete run folders, and take them out of the index.",
        discussion: """
            Names the runs that all given conditions hold for, without the newest --keep of them, and lists them. Only \
            with --yes are they deleted. Points of sweeps, folders behind symbolic links and folders that are not those \
            of the runs in the index stay.

            Examples:
              epsim runs prune --older-than 30d
              epsim runs prune --keep 100 --yes
              epsim runs prune --status failed --status interrupted --yes
            """
    )

    @OptionGroup var index: IndexArguments
    @OptionGroup var filter: RunFilterArguments

    @Option(help: "Runs that began before: \(PointInTime.allowed).") var olderThan: PointInTime?
    @Option(help: "Keep so many of the newest of them.") var keep: Int?
    @Flag(help: "List what would be deleted; this is what happens without --yes.") var dryRun = false
    @Flag(help: "Delete.") var yes = false

    func validate() throws {
        if dryRun && yes { throw ValidationError("--dry-run and --yes exclude each other") }
        if let keep, keep < 0 { throw ValidationError("--keep \(keep): 0 or more is allowed") }
        guard keep != nil || olderThan != nil || filter.filter != RunFilter() else {
            throw ValidationError("say which: --keep, --older-than, --status, --config or --clock")
        }
    }

    func run() throws {
        var filter = filter.filter
        filter.before = olderThan?.date
        try RunsExecution(index: index.index).prune(PruneRules(filter: filter, keep: keep ?? 0), deletes: yes)
    }
}
