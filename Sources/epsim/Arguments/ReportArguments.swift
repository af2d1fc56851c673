public import ArgumentParser
import EpsimApp
import Reports

/// The arguments for showing and keeping the results of a run or a prediction.
struct ReportArguments: ParsableArguments {
    @OptionGroup var form: FormatArguments

    @Flag(help: "Print nothing but errors, and JSON or CSV where --format asks for it; the run folder is written.")
    var quiet = false

    @Flag(help: "Show how loads and losses went over the steps; a router that learns is always shown so.")
    var overSteps = false

    @Option(help: .folder("Folder for run folders (run.out).")) var out: String?

    @Option(help: ArgumentHelp("Exit with 99 unless this holds, for example 'balancedness>=0.8'; may be repeated."))
    var require: [String] = []

    /// True when any of these arguments but that of the form was given.
    var isGiven: Bool { quiet || overSteps || out != nil || !require.isEmpty }

    private func requirements() throws -> [Requirement] {
        try require.map { text in
            do { return try Requirement(parsing: text) } catch { throw ValidationError("\(error)") }
        }
    }

    /// The report options, with requirements whose form was checked.
    func options() throws -> ReportOptions {
        var options = ReportOptions()
        (options.format, options.quiet, options.overSteps, options.out) = (form.chosen, quiet, overSteps, out)
        options.requirements = try requirements()
        return options
    }

    func validate() throws {
        _ = try requirements()
        if overSteps, let other = form.flag ?? (quiet ? "--quiet" : nil) {
            throw ValidationError(
                "--over-steps is about the table, which \(other) leaves out; report.json always has per_step"
            )
        }
    }
}

/// The arguments for the outputs of a live run; a prediction computes none.
struct OutputArguments: ParsableArguments {
    @Option(help: "Save router choices and outputs of all measured steps to a .safetensors file.")
    var saveOutputs: String?

    @Flag(help: "Recompute every token by a plain loop over experts and compare; a wrong one fails the run.")
    var verify = false

    /// The options of a report with those of the outputs.
    func added(to options: ReportOptions) -> ReportOptions {
        var options = options
        (options.saveOutputs, options.verify) = (saveOutputs, verify)
        return options
    }

    func validate() throws {
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

    /// The flag that asks for another form than the table, or nil.
    var flag: String? { chosen == .table ? nil : json ? "--json" : "--format \(chosen.rawValue)" }

    func validate() throws {
        if json, let format, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
    }
}

extension OutputFormat: ExpressibleByArgument {}
