import Basics
import Configuration
import CostModel
import Foundation
import Placement
import Records
import Reports
import Runtime
import Settings
import Sweeps
import Workloads

/// The command `epsim predict --goal`: the point of a sweep file that is best by a goal, and what limits its step.
public struct GoalExecution {
    /// The largest number of points that are shown.
    private static let mostShown = 10

    private let file: String
    private let goal: PredictionGoal

    /// Create a search for the best point of a sweep file.
    public init(file: String, goal: PredictionGoal) {
        self.file = file
        self.goal = goal
    }

    /// The prediction of a point, reduced to the figures that are compared and shown.
    private struct Candidate {
        let point: SweepPoint
        let seconds: Double
        let tokensPerSecondAndRank: Double
        let memory: MemoryFit
        let limits: StepLimits
        let notes: [String]

        init(_ point: SweepPoint, _ prediction: Prediction) {
            self.point = point
            seconds = prediction.steps.reduce(0) { $0 + $1.seconds } / Double(max(prediction.steps.count, 1))
            let tokens = Double(point.resolved.plan.workload.tokens)
            tokensPerSecondAndRank = tokens / seconds / Double(prediction.placement.ranks)
            memory = prediction.memory
            limits = prediction.limits
            notes =
                point.resolved.notes + prediction.sourceNotes
                + PredictionWarnings(resolved: point.resolved, prediction: prediction).all
        }
    }

    /// Predict all points and show the best.
    ///
    /// - Throws: ``ExitStatus`` unless a point can be predicted.
    public func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let plan: SweepPlan
        do {
            plan = try SweepLoader.load(file: file, environment: environment).plan
        } catch {
            Console.note(error.description)
            throw ExitStatus.badConfiguration
        }
        let interrupt = Interrupt()
        interrupt.watch()
        let (candidates, misfits) = try predict(plan, interrupt, ProfileCache(environment: environment))
        for (point, reason) in misfits { Console.note("epsim: \(point.label): \(reason)") }
        guard let best = candidates.first else {
            Console.note("epsim: none of the \(plan.points.count) points of \(file) can be predicted")
            throw ExitStatus.failure
        }
        Console.print(text(best, candidates, of: plan))
    }

    /// Predict all points; return those that can be predicted, best first, and the others with the reasons why they
    /// cannot.
    private func predict(
        _ plan: SweepPlan,
        _ interrupt: Interrupt,
        _ profiles: ProfileCache
    ) throws -> ([Candidate], [(SweepPoint, String)]) {
        let progress = StatusLine(isShown: true)
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
                candidates.append(Candidate(point, prediction))
            } catch let error as ConfigurationError {
                misfits.append((point, error.description))
            } catch RuntimeError.interrupted {
                throw ExitStatus.interrupted
            } catch let error as RuntimeError {
                misfits.append((point, error.description))
            }
            progress.show("point \(index + 1) of \(plan.points.count)")
        }
        switch goal {
        case .latency: candidates.sort { $0.seconds < $1.seconds }
        case .throughput: candidates.sort { $0.tokensPerSecondAndRank > $1.tokensPerSecondAndRank }
        }
        return (candidates, misfits)
    }

    private func text(_ best: Candidate, _ candidates: [Candidate], of plan: SweepPlan) -> String {
        var table = TextTable(
            columns: plan.file.keys.map { .init($0, alignment: .left) }
                + [.init("step", unit: "ms"), .init("tokens/s", unit: "per rank"), .init("memory", unit: "GB")]
        )
        for candidate in candidates.prefix(Self.mostShown) {
            table.append(
                candidate.point.parameters.map { $0.text ?? "-" } + [
                    DisplayUnit.milliseconds(decimals: 3).text(candidate.seconds),
                    FixedPoint.text(candidate.tokensPerSecondAndRank, decimals: 1),
                    DisplayUnit.gigabytes(decimals: 1).text(candidate.memory.needed),
                ]
            )
        }
        let left = candidates.count - min(candidates.count, Self.mostShown)
        let head = "# \(goal.words): modelled clock, best first" + (left > 0 ? "; \(left) more are worse" : "")
        let memory = best.memory
        let used = FixedPoint.text(memory.needed / memory.capacity * 100, decimals: 0)
        let verdict =
            ["", "best: \(best.point.label)"] + LimitFigures(best.limits).sentences()
            + ["memory: \(used) % of a rank's"] + best.notes.map { "note: \($0)" }
        return ([head] + table.lines(width: Console.width) + verdict).joined(separator: "\n")
    }
}

/// The figure by which the best point of a sweep is chosen.
public enum PredictionGoal: String, CaseIterable {
    /// The shortest time of a step.
    case latency
    /// The most tokens per second and rank.
    case throughput

    /// The figure and its direction in words, such as `the shortest step`.
    var words: String {
        switch self {
        case .latency: "the shortest step"
        case .throughput: "the most tokens per second and rank"
        }
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
