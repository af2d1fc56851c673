import Basics
public import Configuration
import CostModel
import Foundation
import Records
import Reports
import Runtime
import Settings

/// The command `epsim predict`, from the configuration to the exit status.
public struct PredictExecution {
    private let resolved: ResolvedConfiguration
    private let configName: String
    private let options: ReportOptions

    /// Create a prediction of a configuration.
    ///
    /// - Parameter configName: the configuration's name in the report.
    public init(_ resolved: ResolvedConfiguration, configName: String, report options: ReportOptions) {
        self.resolved = resolved
        self.configName = configName
        self.options = options
    }

    /// Predict, show the report and write the run folder.
    ///
    /// - Throws: ``ExitStatus`` unless all is well.
    public func run() throws {
        let interrupt = Interrupt()
        interrupt.watch()
        let started = Date()
        do {
            let profile = try HardwareLoader.load(
                named: resolved.plan.hardware.profile,
                environment: ProcessInfo.processInfo.environment
            )
            let predictor = try Predictor(resolved.plan, profile: profile, interrupt: interrupt, findsLimits: true)
            let progress = ProgressLine(isShown: options.showsProgress)
            let outcome = try predictor.run(interrupt: interrupt) { progress.update(.predicted($0, of: $1)) }
            progress.end()
            try finish(outcome, started: started)
        } catch let error as RuntimeError {
            throw error.reported()
        } catch let error as ConfigurationError {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        }
    }

    /// Write the run folder and show the report.
    private func finish(_ prediction: Prediction, started: Date) throws {
        let id = try RunID.unique(start: started)
        let folder = try RunFolder.create(parent: resolved.plan.run.out, id: id)
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
        report.check(options.requirements)
        let output = ReportOutput(options: options)
        try recorder.keep(report, configuration: resolved.yaml, output: output, isIndexed: true)
        try output.finish(report, folder: folder)
    }
}
