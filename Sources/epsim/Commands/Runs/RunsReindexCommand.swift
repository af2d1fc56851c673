import Basics
import ArgumentParser
import Foundation
import Reports
import RunStore

/// `epsim runs reindex`.
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

    func run() throws {
        try reportingStoreErrors {
            let index = index.index
            let line = StatusLine(isShown: true)
            let started = Date()
            let result = try index.reindex { line.show("run folders: \($0) of \($1)") }
            line.end()
            for folder in result.unreadable {
                Console.note("not in the index: \(Printable.text(folder.path)): \(Printable.text(folder.reason))")
            }
            let seconds = FixedPoint.text(Date().timeIntervalSince(started), decimals: 1)
            let gone = result.gone == 0 ? "" : ", \(result.gone) gone"
            Console.note("\(Counted.text(result.runs, "run")) in \(Printable.text(index.path))\(gone) (\(seconds) s)")
        }
    }
}
