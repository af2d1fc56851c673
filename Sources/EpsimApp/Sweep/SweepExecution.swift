import Basics
import Configuration
import CostModel
import Foundation
import Reports
import Runtime
import Settings
import Sweeps

/// The command `epsim sweep`, from the file to the exit status.
public struct SweepExecution {
    /// The options of running a sweep and showing its results.
    public struct Options {
        /// The folder of the results, or nil for the one that the sweep file names, else `sweeps/<file name>`.
        public var out: String?
        /// Whether the points are listed and nothing is run.
        public var dryRun = false
        /// Whether finished runs in the folder are kept.
        public var resume = false
        /// The form in which the results are printed; JSON and CSV have a row per run.
        public var format = OutputFormat.table
        /// Whether nothing but errors is printed.
        public var quiet = false

        /// Create the default options.
        public init() {}
    }

    private let file: String
    private let options: Options

    /// Create the command for a sweep file.
    public init(file: String, options: Options) {
        self.file = file
        self.options = options
    }

    /// Run the unfinished runs of the sweep, and show the summary.
    ///
    /// - Throws: ``ExitStatus`` unless all runs ended.
    public func run() throws {
        let (plan, text) = try load()
        let out = options.out ?? plan.file.out ?? "sweeps/\(Self.stem(file))"
        let inputs = SweepInputs(clock: plan.file.clock, environment: ProcessInfo.processInfo.environment)
        try inputs.require(plan.points)
        do {
            guard !options.dryRun else {
                let work = SweepWork(plan, earlier: try SweepFolder.records(in: out))
                Console.print(SweepListing(work: work, out: out).text(width: Console.width))
                return
            }
            // Locked before it is read: a sweep that ends meanwhile must not have its points run again.
            let folder = try reportingStoreErrors(as: .badConfiguration) {
                try SweepFolder(out, resumes: options.resume)
            }
            let earlier = try options.resume ? SweepFolder.records(in: out) : [:]
            try checkClock(earlier, in: out, plan.file.clock)
            try run(SweepWork(plan, earlier: earlier), text, folder)
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitStatus.failure
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    /// Throw when a folder holds runs of the other clock: the name of a point does not tell the two apart.
    private func checkClock(
        _ earlier: [PointName: PointRecord],
        in folder: String,
        _ clock: StepClock
    ) throws(ExitStatus) {
        guard let other = earlier.values.first(where: { $0.clock != clock }) else { return }
        Console.note(
            "epsim: '\(Printable.text(folder))' holds runs of the \(other.clock.rawValue) clock, and the sweep file asks for the "
                + "\(clock.rawValue) one: choose another --out"
        )
        throw .badConfiguration
    }

    private func run(_ work: SweepWork, _ text: String, _ folder: SweepFolder) throws {
        let interrupt = Interrupt()
        interrupt.watch()
        let progress = SweepProgress(isShown: !options.quiet && options.format == .table)
        let runner = try runner(work.plan.file, interrupt, progress)
        try folder.writeSweepFile(text)
        var loop = SweepLoop(work: work, folder: folder, runner: runner, tell: progress.show)
        try loop.run(isInterrupted: { interrupt.isRaised })
        let page = SweepPage(loop.work.summary, name: file, rule: work.rule, sweepFile: text)
        try folder.writePage(page.html())
        try finish(loop.work, folder, interrupt)
    }

    /// Create the runner of points: of live runs for the measured clock, of predictions for the modelled one.
    private func runner(
        _ file: SweepFile,
        _ interrupt: Interrupt,
        _ progress: SweepProgress
    ) throws(RuntimeError) -> any PointRunner {
        switch file.clock {
        case .measured:
            return SweepLiveRunner(
                executable: try Executable.path(),
                config: file.config,
                interrupt: interrupt,
                tick: progress.update
            )
        case .modelled:
            return SweepModelRunner(interrupt: interrupt, environment: ProcessInfo.processInfo.environment)
        }
    }

    private func finish(_ work: SweepWork, _ folder: SweepFolder, _ interrupt: Interrupt) throws {
        let summary = work.summary
        switch options.format {
        case .json: Console.print(try summary.json())
        case .csv: Console.print(summary.csv())
        case .table where options.quiet: break
        case .table:
            Console.print(SweepTable(summary, rule: work.rule).text(width: Console.width))
            Console.note("sweep folder: \(folder.path)")
            if work.others > 0 {
                let runs = Counted.text(work.others, "run")
                Console.note("the folder also holds \(runs) of points that are not in the sweep file")
            }
        }
        guard work.done == work.runs.count else {
            Console.note("epsim: interrupted after \(work.done) of \(work.runs.count) runs; --resume runs the rest")
            throw ExitStatus.interrupted
        }
        if work.failures > 0 {
            Console.note("epsim: \(work.failures) of \(work.runs.count) runs failed; --resume runs them again")
            throw ExitStatus.failure
        }
    }

    private func load() throws -> (plan: SweepPlan, text: String) {
        do {
            return try SweepLoader.load(file: file, environment: ProcessInfo.processInfo.environment)
        } catch {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        }
    }

    /// The name of a file without folder and extension.
    private static func stem(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}

/// The progress of a sweep, on one line of the terminal.
final class SweepProgress {
    private static let width = 79

    private let line: StatusLine
    private var text = ""
    private var left = 0.0
    private var started = Date()

    init(isShown: Bool) {
        line = StatusLine(isShown: isShown)
    }

    /// Show an event. A failure is printed at once, since a sweep may take hours.
    func show(_ event: SweepLoop.Event, _ work: SweepWork) {
        switch event {
        case .began(let run):
            begin(run, of: work)
        case .ended(let record, let run) where record.status == .failed:
            line.end()
            let reasons = record.reasons.joined(separator: "; ")
            Console.note("epsim: \(run.point.label) repeat \(run.name.repeat) failed: \(reasons)")
        case .ended:
            break
        case .finished:
            line.end()
        }
    }

    private func begin(_ run: SweepWork.Run, of work: SweepWork) {
        let turn = work.plan.file.repeats > 1 ? ", repeat \(run.name.repeat)" : ""
        text = "run \(work.done + 1) of \(work.runs.count): \(run.point.label)\(turn)"
        left = work.secondsLeft
        started = Date()
        update()
    }

    /// Redraw the line with the time that is left.
    func update() { line.show(shown) }

    /// The text of the line, with the time left at the beginning, where a narrow terminal does not cut it off.
    private var shown: String {
        let rest = DurationText.of(max(0, left - Date().timeIntervalSince(started)))
        return String("about \(rest) left; \(text)".prefix(Self.width))
    }
}

/// The runner that predicts points in this process. It keeps the configuration of each point; from a configuration,
/// `epsim predict` makes the whole report again.
final class SweepModelRunner: PointRunner {
    private let interrupt: Interrupt
    private let profiles: ProfileCache

    /// Create a runner.
    ///
    /// - Parameter interrupt: raised when the sweep is to end.
    init(interrupt: Interrupt, environment: [String: String]) {
        self.interrupt = interrupt
        profiles = ProfileCache(environment: environment)
    }

    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome {
        do {
            let resolved = point.resolved
            try Data(resolved.yaml.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(RunFolder.configName)"))
            let profile = try profiles.profile(named: resolved.plan.hardware.profile)
            let prediction = try Predictor(resolved.plan, profile: profile, interrupt: interrupt).run(
                interrupt: interrupt
            )
            if !prediction.isInterrupted {
                let report = PredictedReport(resolved: resolved, configName: folder, id: point.id, started: Date())
                return PointOutcome(try report.report(prediction))
            }
        } catch RuntimeError.interrupted {
            throw PointInterruption()
        } catch {
            return PointOutcome(failure: "\(error)")
        }
        throw PointInterruption()
    }
}
