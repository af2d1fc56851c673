import ArgumentParser
import EpsimApp

/// `epsim runs show`: the report of a finished run again.
struct RunsShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the report of a run again.",
        discussion: """
            A run is named by its folder, or by the first letters of its id. The report is printed as 'epsim run' did.

            Examples:
              epsim runs show 20261121T180908Z-bbb86039
              epsim runs show runs/20261121T180908Z-bbb86039 --json
              cat "$(epsim runs show 20261121T1809 --path)/config.yaml"
            """
    )

    @Argument(help: "Folder of the run, or the beginning of its id.", completion: .directory) var name: String

    @OptionGroup var index: IndexArguments

    @Flag(help: "Print report.json.") var json = false
    @Flag(help: "Print the path of the folder.") var path = false
    @Flag(help: "Show how loads and losses went over the steps.") var overSteps = false

    func validate() throws {
        if json && path { throw ValidationError("--json and --path exclude each other") }
        if overSteps && (json || path) {
            throw ValidationError("--over-steps is about the table, which --\(json ? "json" : "path") leaves out")
        }
    }

    func run() throws {
        try RunsExecution(index: index.index)
            .show(name, as: path ? .path : json ? .json : .table(showsOverSteps: overSteps))
    }
}
