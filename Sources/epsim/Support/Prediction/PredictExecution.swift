import CostModel
import Basics
import ArgumentParser
import Configuration
import Records
import Foundation
import Reports
import Runtime
import Settings

/// `epsim predict` from the resolved configuration to the exit code.
struct PredictExecution {
    let resolved: ResolvedConfiguration
    let configName: String
    let arguments: ReportArguments
    let requirements: [Requirement]

    func run() throws {
        let interrupt = Interrupt()
        let sources = interrupt.watch()
        defer { withExtendedLifetime(sources) {} }
        let started = Date()
        do {
            let profile = try HardwareLoader.load(
                named: resolved.configuration.hardware.profile,
                environment: ProcessInfo.processInfo.environment
            )
            let predictor = try Predictor(resolved.configuration, profile: profile, findsLimits: true)
            let progress = ProgressLine(isShown: !arguments.quiet && !arguments.json)
            let outcome = try predictor.run(interrupt: interrupt) { progress.update(.predicted($0, of: $1)) }
            progress.end()
            try finish(outcome, started: started)
        } catch let error as RuntimeError {
            throw error.reported()
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw ExitCode.badConfiguration
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        }
    }

    /// Writes the run folder and shows the report.
    private func finish(_ prediction: Prediction, started: Date) throws {
        let id = try RunID.unique(start: started)
        let folder = try RunFolder.create(parent: resolved.configuration.run.out, id: id)
        try folder.writeConfig(resolved.yaml)
        let recorder = try RunRecorder(
            folder,
            placement: prediction.placement,
            clock: .modelled
        )
        var end: Int64 = 0
        for step in prediction.steps {
            let track = StepTrack(of: step, starting: end)
            recorder.update(.measured(step, track))
            end = track.span.upperBound
        }
        let reporter = PredictedReport(resolved: resolved, configName: configName, id: id.description, started: started)
        var report = try reporter.report(prediction)
        report.check(requirements)
        let output = ReportOutput(arguments: arguments)
        try recorder.keep(report, configuration: resolved.yaml, output: output, isIndexed: true)
        try output.finish(report, folder: folder)
    }
}
