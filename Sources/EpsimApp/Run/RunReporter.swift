import Basics
import Configuration
import Figures
import Foundation
import MoE
import Records
import Reports
import Runtime

/// The reporter of a finished run: it writes the run folder, prints the report and gives the exit status.
struct RunReporter {
    let resolved: ResolvedConfiguration
    let describer: RunDescriber
    let folder: RunFolder
    let recorder: RunRecorder
    let options: ReportOptions
    /// The prediction of the measured steps by the calibrated model of this machine.
    let forecast: RunForecast
    /// Whether the run folder stays in its place and goes into the index.
    let isIndexed: Bool

    /// Write and print the report; throw the exit status unless all is well.
    func finish(_ outcome: SessionOutcome, busyProcesses: Int) throws {
        var report = try Report(
            description: describer.description(outcome, busyProcesses: busyProcesses),
            steps: outcome.steps,
            end: outcome.end,
            verification: verification(outcome),
            outputDigest: outcome.outputDigest,
            prediction: forecast.prediction,
            rebalances: outcome.rebalances,
            notes: resolved.notes + outcome.notes,
            warnings: warnings(outcome) + forecast.warnings
        )
        report.check(options.requirements)
        let output = ReportOutput(options: options)
        try recorder.keep(report, configuration: resolved.yaml, output: output, isIndexed: isIndexed)
        if let path = options.saveOutputs, case .interrupted = outcome.end {
            Console.note("epsim: \(path) was not written: the run was interrupted")
        }
        try output.finish(report, folder: folder)
    }

    private func verification(_ outcome: SessionOutcome) -> Verification {
        guard let wrong = outcome.wrongTokens, let checked = outcome.checkedTokens else { return .none }
        return Verification(
            wrongTokens: wrong,
            checkedTokens: checked,
            relativeError: outcome.outputError
        )
    }

    private func warnings(_ outcome: SessionOutcome) -> [String] {
        var warnings = outcome.warnings
        // A microsecond is about what reading the clock and noticing a message take.
        if outcome.stampsMovedSeconds > 1e-6 {
            let moved = DisplayUnit.microseconds(decimals: 1).full(outcome.stampsMovedSeconds)
            warnings.append(
                "a worker's stamp lay \(moved) outside the coordinator's and was moved: clocks differ by that "
                    + "much"
            )
        }
        let processors = Set(outcome.workers.map(\.processor) + [Host.productProcessor]).sorted()
        if processors.count > 1, !outcome.workers.isEmpty {
            warnings.append(
                "coordinator and workers ran on different processors, so outputs may differ in their last bits from a run on one kind: "
                    + processors.joined(separator: "; ")
            )
        }
        return warnings
    }
}

/// The prediction of a run's steps by the calibrated model of this machine; empty where the machine is not calibrated.
struct RunForecast {
    private(set) var prediction: HostPrediction?
    /// The reasons why there is no prediction though the machine is calibrated.
    private(set) var warnings: [String] = []

    /// Predict the steps of a run.
    ///
    /// - Parameter isLocal: whether all processes ran on this machine.
    init(_ session: Session, _ outcome: SessionOutcome, isLocal: Bool) {
        guard isLocal, !outcome.steps.isEmpty else { return }
        do {
            guard let profile = try HostLoader.load(environment: ProcessInfo.processInfo.environment),
                Host.isHost(of: profile)
            else { return }
            switch session.forecast(of: outcome.steps, by: profile) {
            case .prediction(let prediction): self.prediction = prediction
            case .none(let reason): warnings.append(reason)
            }
        } catch {
            warnings.append("no prediction: \(error)")
        }
    }
}

/// The output of a report to the terminal, and the exit status that follows from it.
struct ReportOutput {
    let options: ReportOptions

    /// Print the report: as JSON or CSV, or as a table unless nothing is to be printed.
    func show(_ report: Report) throws {
        switch options.format {
        case .json: Console.print(try report.json())
        case .csv: Console.print(report.csv)
        case .table where options.quiet: break
        case .table:
            let shown = TerminalReport.Options(
                color: Console.usesColor,
                width: Console.width,
                showsOverSteps: options.overSteps
            )
            Console.print(TerminalReport.render(report, options: shown))
        }
    }

    /// Print the path of the run folder, and throw the exit status unless all is well.
    func finish(_ report: Report, folder: RunFolder) throws {
        if options.showsProgress { Console.note("run folder: \(folder.path)") }
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
