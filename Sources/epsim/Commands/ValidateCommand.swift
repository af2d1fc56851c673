import ArgumentParser
import EpsimApp
import Foundation

/// `epsim validate`: the modelled clock beside published measurements.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Predict every row of tables of published timings, and show how far off predictions are.",
        discussion: """
            Four kinds of tables are told apart by their columns: low-latency kernels, normal kernels, DeepEP's own \
            table, and products of experts. The column gpu names the hardware profile. Nothing is fitted to a table to \
            score it.

            Examples:
              epsim validate configs/validation/deepep_published_h800.csv
              epsim validate tables/*.csv --cross-validate
            """
    )

    @Argument(help: "Tables of timings (.csv).", completion: .file(extensions: ["csv"])) var files: [String]

    @Flag(help: "Fit the constants again without a fifth of the rows, and without rows of a kind, to predict these.")
    var crossValidate = false

    @OptionGroup var form: FormatArguments
    @Flag(help: "Print the tables as Markdown.") var markdown = false

    func validate() throws {
        if markdown, let other = form.flag { throw ValidationError("\(other) and --markdown exclude each other") }
        if let twice = Dictionary(grouping: files, by: \.self).first(where: { $0.value.count > 1 })?.key {
            throw ValidationError("\(twice) is given twice")
        }
    }

    func run() throws {
        try ValidateExecution(files: files, crossValidates: crossValidate)
            .run(as: markdown ? .markdown : .format(form.chosen))
    }
}
