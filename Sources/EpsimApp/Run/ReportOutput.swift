import Reports

/// Shows a report as the command line asks for, and ends with the code that follows from it.
struct ReportOutput {
    let options: ReportOptions

    /// Prints the report, or nothing with `--quiet`.
    func show(_ report: Report) throws {
        if options.json {
            Console.print(try report.json())
        } else if !options.quiet {
            let shown = TerminalReport.Options(
                color: Console.usesColor,
                width: Console.width,
                showsOverSteps: options.overSteps
            )
            Console.print(TerminalReport.render(report, options: shown))
        }
    }

    /// Says where the run folder is, and throws the exit code unless all is well.
    func finish(_ report: Report, folder: RunFolder) throws {
        if !options.quiet && !options.json { Console.note("run folder: \(folder.path)") }
        if options.quiet, report.status == .invalid {
            Console.note("epsim: INVALID: \(report.reasons.joined(separator: "; "))")
        }
        switch report.status {
        case .interrupted:
            throw ExitStatus.interrupted
        case .failed:
            Console.note("epsim: \(report.reasons.joined(separator: "; "))")
            throw ExitStatus.failure
        case .valid, .invalid:
            break
        }
        let missed = report.requirements.filter { !$0.isMet }
        guard missed.isEmpty else {
            for result in missed { Console.note("epsim: \(result)") }
            throw ExitStatus.requirementMissed
        }
    }
}
