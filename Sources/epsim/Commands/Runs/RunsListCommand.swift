import ArgumentParser
import EpsimApp
import RunStore

/// `epsim runs list`: the runs of an index, the newest first.
struct RunsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List runs, the newest first.",
        discussion: """
            A run whose folder is gone is marked so; 'epsim runs reindex' forgets it. --sort takes any column of the \
            table runs. JSON and CSV have all columns.

            Examples:
              epsim runs list
              epsim runs list --status invalid --since 2026-11-01 --limit 0
              epsim runs list --sort time_step_seconds_p50 --limit 5
              epsim runs list --clock modelled --format csv
            """
    )

    @OptionGroup var index: IndexArguments
    @OptionGroup var filter: RunFilterArguments
    @OptionGroup var form: FormatArguments

    @Option(help: "Runs that began since: \(PointInTime.allowed).") var since: PointInTime?

    @Option(help: "Sort by a figure or a column of the index, the smallest first, instead of the newest first.")
    var sort: String?

    @Flag(help: "The other way round.") var reverse = false
    @Option(help: "The most runs to list; 0 for all.") var limit = 20

    func validate() throws { guard limit >= 0 else { throw ValidationError("--limit \(limit): 0 or more is allowed") } }

    func run() throws {
        var filter = filter.filter
        (filter.since, filter.isDescending, filter.limit) = (since?.date, reverse, limit == 0 ? nil : limit)
        try RunsExecution(index: index.index).list(filter, sort: sort, as: form.chosen)
    }
}
