import ArgumentParser
import EpsimApp
import Foundation

/// `epsim runs reindex`: a new index, made from the run folders.
struct RunsReindexCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Make the index anew from the run folders.",
        discussion: """
            Searches the folder and those below it, points of sweeps among them; symbolic links are not followed. \
            Folders that look like a run's but have no report are listed, and do not stop it. An index that is broken \
            is replaced.

            Examples:
              epsim runs reindex
              epsim runs reindex --out sweeps
            """
    )

    @OptionGroup var index: IndexArguments

    func run() throws { try RunsExecution(index: index.index).reindex() }
}
