import ArgumentParser
import Reports

/// Shows a report as the command line asks for, and ends with the code that follows from it.
struct ReportOutput {
    let arguments: ReportArguments

    /// Prints the report, or nothing with `--quiet`.
    func show(_ report: Report) throws {
        if arguments.json {
            Console.print(try report.json())
        } else if !arguments.quiet {
            let options = TerminalReport.Options(
                color: Console.usesColor,
                width: Console.width,
                showsOverSteps: arguments.overSteps
            )
            Console.print(TerminalReport.render(report, options: options))
        }
    }

    /// Says where the run folder is, and throws the exit code unless all is well.
    func finish(_ report: Report, folder: RunFolder) throws {
        if !arguments.quiet && !arguments.json { Console.note("run folder: \(folder.path)") }
        if arguments.quiet, report.status == .invalid {
            Console.note("epsim: INVALID: \(report.reasons.joined(separator: "; "))")
        }
        switch report.status {
        case .interrupted:
            throw ExitCode.interrupted
        case .failed:
            Console.note("epsim: \(report.reasons.joined(separator: "; "))")
            throw ExitCode.failure
        case .valid, .invalid:
            break
        }
        let missed = report.requirements.filter { !$0.isMet }
        guard missed.isEmpty else {
            for result in missed { Console.note("epsim: \(result)") }
            throw ExitCode.requirementMissed
        }
    }
}
