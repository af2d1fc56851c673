public import ArgumentParser
import EpsimApp
import Reports

/// The arguments for showing and keeping the results of a run.
struct ReportArguments: ParsableArguments {
    @Flag(help: "Print report.json instead of the table.") var json = false
    @Flag(help: "Print nothing but errors; the run folder is written all the same.") var quiet = false

    @Flag(help: "Show how loads and losses went over the steps; a router that learns is always shown so.")
    var overSteps = false

    @Option(help: ArgumentHelp("Folder for run folders (run.out).", valueName: "folder")) var out: String?

    @Option(help: "Save router choices and outputs of all measured steps to a .safetensors file.")
    var saveOutputs: String?

    @Flag(help: "Recompute every token by a plain loop over experts and compare; a wrong one fails the run.")
    var verify = false

    @Option(help: ArgumentHelp("Exit with 99 unless this holds, for example 'balancedness>=0.8'; may be repeated."))
    var require: [String] = []

    /// True when any of these arguments was given.
    var isGiven: Bool { json || quiet || overSteps || out != nil || saveOutputs != nil || verify || !require.isEmpty }

    private func requirements() throws -> [Requirement] {
        try require.map { text in
            do {
                return try Requirement(parsing: text)
            } catch {
                throw ValidationError("\(error)")
            }
        }
    }

    /// The report options, with requirements whose form was checked.
    func options() throws -> ReportOptions {
        var options = ReportOptions()
        (options.json, options.quiet, options.overSteps) = (json, quiet, overSteps)
        (options.out, options.saveOutputs, options.verify) = (out, saveOutputs, verify)
        options.requirements = try requirements()
        return options
    }

    func validate() throws {
        _ = try requirements()
        if json && quiet { throw ValidationError("--json and --quiet exclude each other") }
        if overSteps && (json || quiet) {
            throw ValidationError(
                "--over-steps is about the table, which --\(json ? "json" : "quiet") leaves out; report.json always has "
                    + "per_step"
            )
        }
        if let path = saveOutputs, !path.hasSuffix(".safetensors") {
            throw ValidationError("--save-outputs '\(path)' must end in .safetensors")
        }
    }
}

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
