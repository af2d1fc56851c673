import Basics
import Configuration
import CostModel
import Figures
import Foundation
import Placement
import Records
import Reports
import Runtime
import Settings
public import Sweeps
import Workloads

/// The command `epsim predict --goal`: the point of a sweep file that is best by a goal, and what limits its step.
public struct GoalExecution {
    /// The largest number of points that are shown.
    private static let mostShown = 10

    private let file: String
    private let goal: SweepGoal
    private let format: OutputFormat

    /// Create a search for the best point of a sweep file.
    ///
    /// - Parameter format: the form of what is printed; JSON and CSV have the rows of a sweep, the best first.
    public init(file: String, goal: SweepGoal, format: OutputFormat = .table) {
        self.file = file
        self.goal = goal
        self.format = format
    }

    /// The prediction of a point, reduced to the figures that are compared and shown.
    private struct Candidate {
        let row: SweepRow
        let memory: MemoryFit
        let limits: StepLimits

        init(_ point: SweepPoint, _ prediction: Prediction) throws(ReportError) {
            let report = PredictedReport(resolved: point.resolved, configName: "", id: point.id, started: Date())
            let record = PointRecord(
                PointOutcome(try report.report(prediction)),
                name: PointName(point: point.id, repeat: 1),
                seed: point.seed,
                clock: .modelled,
                seconds: 0
            )
            row = SweepRow(parameters: point.parameters, set: point.set, record: record)
            memory = prediction.memory
            limits = prediction.limits
        }
    }

    /// Predict all points and show the best.
    ///
    /// - Throws: ``ExitStatus`` unless a point can be predicted.
    public func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let plan: SweepPlan
        do {
            plan = try SweepLoader.load(file: file, environment: environment, for: .modelled).plan
        } catch {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        }
        try SweepInputs(clock: .modelled, environment: environment).require(plan.points)
        let interrupt = Interrupt()
        interrupt.watch()
        let (candidates, misfits) = try predict(plan, interrupt, ProfileCache(environment: environment))
        for (point, reason) in misfits { Console.note("epsim: \(point.label): \(reason)") }
        let ranking = SweepWinner(PointGroup.all(candidates.map(\.row)), goal: goal)
        guard !ranking.ranked.isEmpty else {
            Console.note("epsim: none of the \(plan.points.count) points of \(file) can be predicted")
            throw ExitStatus.failure
        }
        let rows = ranking.ranked.flatMap { group in
            candidates.map(\.row).filter { $0.parameters == group.parameters }
        }
        let summary = SweepSummary(keys: plan.file.keys, keysOfSome: plan.keysOfSome, rows: rows)
        switch format {
        case .json: Console.print(try summary.json())
        case .csv: Console.print(summary.csv())
        case .table: Console.print(text(ranking, candidates, of: plan))
        }
    }

    /// Predict all points; return those that can be predicted, and the others with the reasons why they cannot.
    private func predict(
        _ plan: SweepPlan,
        _ interrupt: Interrupt,
        _ profiles: ProfileCache
    ) throws -> ([Candidate], [(SweepPoint, String)]) {
        let progress = StatusLine(isShown: format == .table)
        defer { progress.end() }
        var candidates: [Candidate] = []
        var misfits: [(SweepPoint, String)] = []
        for (index, point) in plan.points.enumerated() {
            do {
                let plan = point.resolved.plan
                let profile = try profiles.profile(named: plan.hardware.profile)
                let prediction = try Predictor(plan, profile: profile, interrupt: interrupt, findsLimits: true)
                    .run(interrupt: interrupt)
                guard !prediction.isInterrupted else { throw ExitStatus.interrupted }
                candidates.append(try Candidate(point, prediction))
            } catch let error as ConfigurationError {
                misfits.append((point, error.description))
            } catch RuntimeError.interrupted {
                throw ExitStatus.interrupted
            } catch let error as RuntimeError {
                misfits.append((point, error.description))
            }
            progress.show("point \(index + 1) of \(plan.points.count)")
        }
        return (candidates, misfits)
    }

    private func text(_ ranking: SweepWinner, _ candidates: [Candidate], of plan: SweepPlan) -> String {
        let losses = [(Figure.droppedFraction, "dropped"), (.unservedFraction, "without expert")]
        let loses = ranking.ranked.contains { group in losses.contains { loss in group.median { $0[loss.0] } ?? 0 > 0 }
        }
        let shownLosses = loses ? losses : []
        let rate = SweepGoal.throughput.figure
        var table = TextTable(
            columns: (plan.file.keys + plan.keysOfSome).map { .init($0, alignment: .left) }
                + [.init("step", unit: "ms"), .init(rate.heading.name, unit: rate.heading.counts)]
                + [.init("memory", unit: "GB")]
                + shownLosses.map { .init($0.1, unit: "%") }
        )
        let shown = ranking.ranked.prefix(Self.mostShown)
        for group in shown {
            let memory = candidates.filter { $0.row.parameters == group.parameters }.map(\.memory.needed).max()
            table.append(
                (group.parameters + group.set).map { $0.text ?? "-" } + [
                    DisplayUnit.milliseconds(decimals: 3).text(group.stepSeconds),
                    group.median { $0[rate] }.map { FixedPoint.text($0, decimals: 0) } ?? "-",
                    DisplayUnit.gigabytes(decimals: 1).text(memory),
                ]
                    + shownLosses.map { loss in
                        group.median { $0[loss.0] }.map { FixedPoint.text($0 * 100, decimals: 1) } ?? "-"
                    }
            )
        }
        let left = ranking.ranked.count - shown.count
        let head = "# \(goal.words): modelled clock, best first" + (left > 0 ? "; \(left) more are worse" : "")
        let first = candidates.first { $0.row.parameters == ranking.ranked.first?.parameters }
        let named = ranking.winner.map { "best: \($0.label)" } ?? ranking.sentence
        let verdict = LineWrap.lines(named, width: Console.width) + (first.map(limits) ?? [])
        return ([head] + table.lines(width: Console.width) + [""] + verdict).joined(separator: "\n")
    }

    /// The lines on what limits a point, on its memory, its notes and warnings.
    private func limits(_ candidate: Candidate) -> [String] {
        let memory = candidate.memory
        let used = FixedPoint.text(memory.needed / memory.capacity * 100, decimals: 0)
        return LimitFigures(candidate.limits).sentences() + ["memory: \(used) % of a rank's"]
            + (candidate.row.record.notes ?? []).map { "note: \($0)" }
            + (candidate.row.record.warnings ?? []).map { "warning: \($0)" }
    }
}

/// A cache of hardware profiles, each of which is read once.
final class ProfileCache {
    private let environment: [String: String]
    private var profiles: [String: HardwareProfile] = [:]

    init(environment: [String: String]) {
        self.environment = environment
    }

    /// Return the profile of a name, or of the file at a path, and keep it for later calls.
    func profile(named name: String) throws(ConfigurationError) -> HardwareProfile {
        if let known = profiles[name] { return known }
        let profile = try HardwareLoader.load(named: name, environment: environment)
        profiles[name] = profile
        return profile
    }
}
