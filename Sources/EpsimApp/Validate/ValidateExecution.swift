import Basics
import Calibration
import Configuration
import CostModel
import Foundation
import Settings

/// The command `epsim validate`: scores of predictions against tables of published timings, from the files to the exit
/// status.
public struct ValidateExecution {
    /// The form in which the scores are printed.
    public enum Form {
        /// Tables for a terminal; the whole report as JSON; a row for each time of each table as CSV.
        case format(OutputFormat)
        /// Tables in Markdown.
        case markdown
    }

    private let files: [String]
    private let crossValidates: Bool

    /// Create the command for tables of published timings.
    ///
    /// - Parameter crossValidates: whether constants are fitted again without the rows that they then predict.
    public init(files: [String], crossValidates: Bool) {
        self.files = files
        self.crossValidates = crossValidates
    }

    /// Predict every row and print the scores.
    ///
    /// - Throws: ``ExitStatus`` unless all tables can be read.
    public func run(as form: Form) throws {
        do {
            let tables = try TimingInput(environment: ProcessInfo.processInfo.environment).read(files)
            let validator = try Validator(tables.files, profiles: tables.profiles)
            let report = try validator.report(crossValidates: crossValidates)
            let text = ValidationText(report)
            switch form {
            case .format(.json): Console.print(try JSONText.of(report))
            case .format(.csv): Console.print(try ObjectCSV.text(report.predictions, first: "file"))
            case .markdown: Console.print(text.markdown.joined(separator: "\n"))
            case .format(.table): Console.print(text.lines(width: Console.width).joined(separator: "\n"))
            }
        } catch let error as ConfigurationError {
            throw Self.wrong(error)
        } catch let error as TimingError {
            throw Self.wrong(error)
        } catch let error as HardwareError {
            throw Self.wrong(error)
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        }
    }

    private static func wrong(_ error: some Error & CustomStringConvertible) -> ExitStatus {
        Console.note("epsim: \(error)")
        return .badConfiguration
    }
}

/// The reader of timing tables and of the hardware profiles that they name.
struct TimingInput {
    let environment: [String: String]

    /// Timing tables with the hardware profiles that they name.
    struct Tables {
        let files: [TimingFile]
        /// The profiles by the names in the column `gpu`.
        let profiles: [String: HardwareProfile]
    }

    /// Read timing tables and their profiles.
    ///
    /// - Throws: `ConfigurationError` for files and profiles that cannot be read, `TimingError` for errors in tables.
    func read(_ paths: [String]) throws -> Tables {
        let files = try paths.map { try TimingFile(csv: TextFile.read(ShippedFile.find($0)), name: $0) }
        var profiles: [String: HardwareProfile] = [:]
        var problems: [TimingProblem] = []
        let known = try HardwareLoader.files(environment: environment)
        for file in files {
            var seen: Set<String> = []
            for row in file.rows where profiles[row.gpu] == nil && seen.insert(row.gpu).inserted {
                do {
                    profiles[row.gpu] = try known.profile(named: row.gpu)
                } catch {
                    let message = error.problems.map(\.message).joined(separator: "; ")
                    problems.append(TimingProblem(file: file.name, line: row.line, column: "gpu", message: message))
                }
            }
        }
        guard problems.isEmpty else { throw TimingError(problems) }
        return Tables(files: files, profiles: profiles)
    }
}
