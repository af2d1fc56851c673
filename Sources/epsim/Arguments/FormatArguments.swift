public import ArgumentParser
public import EpsimApp

/// The arguments for the form in which a command prints its figures.
struct FormatArguments: ParsableArguments {
    @Option(help: "Form of what is printed: table, json or csv (default: table).") var format: OutputFormat?
    @Flag(help: "Short for --format json.") var json = false

    /// The form that was asked for.
    var chosen: OutputFormat { format ?? (json ? .json : .table) }

    func validate() throws {
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
    }
}

extension OutputFormat: ExpressibleByArgument {}
