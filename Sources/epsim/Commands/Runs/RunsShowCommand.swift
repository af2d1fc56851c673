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
    @OptionGroup var form: FormatArguments
    @Flag(help: "Print the path of the folder.") var path = false
    @Flag(help: "Show how loads and losses went over the steps.") var overSteps = false

    func validate() throws {
        if path, let other = form.flag { throw ValidationError("--path and \(other) exclude each other") }
        if overSteps, let other = form.flag ?? (path ? "--path" : nil) {
            throw ValidationError("--over-steps is about the table, which \(other) leaves out")
        }
    }

    func run() throws {
        let form: RunsExecution.RunForm =
            switch form.chosen {
            case .table: path ? .path : .table(showsOverSteps: overSteps)
            case .json: .json
            case .csv: .csv
            }
        try RunsExecution(index: index.index).show(name, as: form)
    }
}
