import ArgumentParser
import Configuration
import Foundation
import Reports
import Runtime

/// Turns the outcome of a run into its folder, its text and its exit code.
struct RunReporter {
    let resolved: ResolvedConfiguration
    let configName: String
    let folder: RunFolder
    let tables: RunTables
    let routerLearns: Bool
    let started: Date
    let arguments: ReportArguments
    let requirements: [Requirement]

    /// Writes and prints the report; throws the exit code unless all is well.
    func finish(_ outcome: SessionOutcome, busyProcesses: Int) throws {
        var report = try Report(
            description: description(outcome, busyProcesses),
            steps: outcome.steps,
            end: end(outcome),
            verification: verification(outcome),
            outputDigest: outcome.outputDigest,
            notes: notes(outcome)
        )
        report.check(requirements)
        // Shown before it is written, and written though it could not be shown: neither a full disk nor a closed
        // terminal must cost what is known.
        let shown = Result { try show(report) }
        try folder.write(report)
        try tables.finish()
        try shown.get()
        tellTheRest(report, outcome)
        try exit(report, outcome)
    }

    private func show(_ report: Report) throws {
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

    /// What is not in the report, or would not be seen of it.
    private func tellTheRest(_ report: Report, _ outcome: SessionOutcome) {
        if !arguments.quiet && !arguments.json { Console.note("run folder: \(folder.path)") }
        if arguments.quiet, report.status == .invalid {
            Console.note("epsim: INVALID: \(report.reasons.joined(separator: "; "))")
        }
        if let path = arguments.saveOutputs, outcome.end == .interrupted {
            Console.note("epsim: \(path) was not written: the run was interrupted")
        }
    }

    private func exit(_ report: Report, _ outcome: SessionOutcome) throws {
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

    private func end(_ outcome: SessionOutcome) -> RunEnd {
        switch outcome.end {
        case .completed: .finished
        case .interrupted: .interrupted("ended by the user after \(outcome.steps.count) measured steps")
        case .failed(let reason): .failed(reason)
        }
    }

    private func verification(_ outcome: SessionOutcome) -> Verification {
        guard let wrong = outcome.wrongTokens, let checked = outcome.checkedTokens else { return .none }
        return Verification(
            wrongTokens: wrong,
            checkedTokens: checked,
            relativeError: outcome.outputError
        )
    }

    private func notes(_ outcome: SessionOutcome) -> [String] {
        var notes: [String] = []
        // A microsecond is about what reading the clock and noticing a message take.
        if outcome.stampsMovedSeconds > 1e-6 {
            let microseconds = FixedPoint.text(outcome.stampsMovedSeconds * 1e6, decimals: 1)
            notes.append(
                "a worker's stamp lay \(microseconds) µs outside the coordinator's and was moved: clocks differ by that "
                    + "much"
            )
        }
        let configuration = resolved.configuration
        if configuration.model.checkpoint != nil, configuration.router.topK == nil,
            let copies = try? configuration.copiesPerToken()
        {
            notes.append(
                "no config.json beside the checkpoint says how many experts a token has: it is \(copies), as router "
                    + "\(configuration.routerName) has it (router.top_k)"
            )
        }
        return notes
    }
}
