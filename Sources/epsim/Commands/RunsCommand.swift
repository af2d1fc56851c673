import ArgumentParser

/// `epsim runs`: the index of runs.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List, show, query and prune the runs that have left a folder.",
        discussion: """
            Every run adds its folder to an index, index.sqlite in the folder that the run folders are in. The folders \
            are the truth: 'epsim runs reindex' makes the index from them at any time.

            Examples:
              epsim runs list --status valid --since 7d
              epsim runs show 20261121T1809
              epsim runs query --sql 'SELECT workers, avg(tokens_per_second_p50) FROM runs GROUP BY workers'
              epsim runs prune --older-than 30d --keep 100
              epsim runs reindex
            """,
        subcommands: [
            RunsListCommand.self, RunsShowCommand.self, RunsQueryCommand.self, RunsPruneCommand.self,
            RunsReindexCommand.self,
        ]
    )
}
