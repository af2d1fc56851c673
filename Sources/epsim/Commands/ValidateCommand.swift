import Basics
import ArgumentParser
import Configuration
import CostModel
import Foundation
import Reports
import Settings
import Validation

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

    @Argument(help: "Tables of timings (.csv).", completion: .file(extensions: ["csv"]))
    var files: [String]

    @Flag(help: "Fit the constants again without a fifth of the rows, and without rows of a kind, to predict these.")
    var crossValidate = false

    @Flag(help: "Print JSON, every row among it, instead of tables.")
    var json = false

    @Flag(help: "Print the tables as Markdown.")
    var markdown = false

    func validate() throws {
        if json && markdown { throw ValidationError("--json and --markdown exclude each other") }
        if let twice = Dictionary(grouping: files, by: \.self).first(where: { $0.value.count > 1 })?.key {
            throw ValidationError("\(twice) is given twice")
        }
    }

    func run() throws {
        do {
            let tables = try TimingInput(environment: ProcessInfo.processInfo.environment).read(files)
            let validator = try Validator(tables.files, profiles: tables.profiles)
            let report = try validator.report(crossValidates: crossValidate)
            if json {
                Console.print(try JSONText.of(report))
            } else {
                let text = ValidationText(report)
                Console.print((markdown ? text.markdown : text.lines).joined(separator: "\n"))
            }
        } catch let error as ConfigurationError {
            throw Self.wrong(error)
        } catch let error as TimingError {
            throw Self.wrong(error)
        } catch let error as HardwareError {
            throw Self.wrong(error)
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        }
    }

    private static func wrong(_ error: some Error & CustomStringConvertible) -> ExitCode {
        Console.note("epsim: \(error)")
        return .badConfiguration
    }
}
