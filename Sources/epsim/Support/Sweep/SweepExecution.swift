import ArgumentParser
import Basics
import Configuration
import CostModel
import Foundation
import Pages
import Records
import Reports
import Runtime
import Settings

/// `epsim sweep` from the file to the exit code.
struct SweepExecution {
    let command: SweepCommand

    func run() throws {
        let (plan, text) = try load()
        let out = command.out ?? plan.file.out ?? "sweeps/\(Self.stem(command.file))"
        do {
            guard !command.dryRun else {
                let work = SweepWork(plan, earlier: try SweepFolder.records(in: out))
                Console.print(SweepListing(work: work, out: out).text)
                return
            }
            // Locked before it is read: a sweep that ends meanwhile must not have its points run again.
            let folder = try SweepFolder(out, resumes: command.resume)
            let earlier = try command.resume ? SweepFolder.records(in: out) : [:]
            try run(SweepWork(plan, earlier: earlier), text, folder)
        } catch let error as any DescribedError {
            Console.note("epsim: \(error)")
            throw ExitCode.failure
        } catch let error as RuntimeError {
            throw error.reported()
        }
    }

    private func run(_ work: SweepWork, _ text: String, _ folder: SweepFolder) throws {
        let interrupt = Interrupt()
        let sources = interrupt.watch()
        defer { withExtendedLifetime(sources) {} }
        let progress = SweepProgress(isShown: !command.quiet && !command.json)
        let runner = try runner(work.plan.file, interrupt, progress)
        try folder.writeSweepFile(text)
        var loop = SweepLoop(work: work, folder: folder, runner: runner, progress: progress)
        try loop.run(interrupt)
        let page = SweepPage(loop.work.summary, name: command.file, rule: work.rule, sweepFile: text)
        try folder.writePage(page.html())
        try finish(loop.work, folder, interrupt)
    }

    /// What runs the points of a clock.
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
        if command.json {
            Console.print(try summary.json())
        } else if !command.quiet {
            Console.print(SweepTable(summary, rule: work.rule).text(width: Console.width))
            Console.note("sweep folder: \(folder.path)")
            if work.others > 0 {
                let runs = Counted.text(work.others, "run")
                Console.note("the folder also holds \(runs) of points that are not in the sweep file")
            }
        }
        guard work.done == work.runs.count else {
            Console.note("epsim: interrupted after \(work.done) of \(work.runs.count) runs; --resume runs the rest")
            throw ExitCode.interrupted
        }
        if work.failures > 0 {
            Console.note("epsim: \(work.failures) of \(work.runs.count) runs failed; --resume runs them again")
            throw ExitCode.failure
        }
    }

    private func load() throws -> (plan: SweepPlan, text: String) {
        do {
            return try SweepLoader.load(file: command.file, environment: ProcessInfo.processInfo.environment)
        } catch {
            Console.note(error.description)
            throw ExitCode.badConfiguration
        }
    }

    /// The name of a file without folder and ending.
    private static func stem(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}

/// Predicts a point in this process. What is kept of it is its configuration; `epsim predict` of that gives the whole
/// report again.
final class SweepModelRunner: PointRunner {
    private let interrupt: Interrupt
    private let profiles: ProfileCache

    /// - Parameter interrupt: raised when the sweep is to end.
    init(interrupt: Interrupt, environment: [String: String]) {
        self.interrupt = interrupt
        profiles = ProfileCache(environment: environment)
    }

    func run(_ point: SweepPoint, in folder: String) throws(PointInterruption) -> PointOutcome {
        do {
            let resolved = point.resolved
            try Data(resolved.yaml.utf8).write(to: URL(fileURLWithPath: "\(folder)/config.yaml"))
            let profile = try profiles.profile(named: resolved.configuration.hardware.profile)
            let prediction = try Predictor(resolved.configuration, profile: profile).run(interrupt: interrupt)
            if !prediction.isInterrupted {
                let report = PredictedReport(resolved: resolved, configName: folder, id: point.id, started: Date())
                return PointOutcome(try report.report(prediction))
            }
        } catch {
            return PointOutcome(failure: "\(error)")
        }
        throw PointInterruption()
    }
}

/// What `epsim sweep --dry-run` prints.
struct SweepListing {
    let work: SweepWork
    let out: String

    /// The points with the time that each will take, and the sum.
    var text: String {
        let plan = work.plan
        var table = TextTable(
            columns: [
                TextTable.Column("point", alignment: .left), TextTable.Column("seed"),
                TextTable.Column("runs left"), TextTable.Column("seconds", unit: "each"),
                TextTable.Column("parameters", alignment: .left),
            ]
        )
        let left = work.left.reduce(into: [:]) { $0[$1.point.id, default: 0] += 1 }
        for point in plan.points {
            let seconds = FixedPoint.text(work.estimate.seconds(runs: 1, tokens: point.tokens), decimals: 1)
            table.append([point.id, "\(point.seed)", "\(left[point.id] ?? 0)", seconds, point.label])
        }
        let lines = table.lines().map(\.withoutTrailingSpaces)
        let (runs, done) = (work.runs.count, work.done)
        let sum = DurationText.of(work.secondsLeft)
        let total = "\(runs - done) of \(runs) runs left for \(out), about \(sum): \(work.estimate.basis)"
        return (lines + [total]).joined(separator: "\n") + "\n"
    }
}

extension SweepPoint {
    /// What was varied, in one line.
    var label: String {
        parameters.map { "\($0.key)=\($0.text ?? "-")" }.joined(separator: " ")
    }
}
