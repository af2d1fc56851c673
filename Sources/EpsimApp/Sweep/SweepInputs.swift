import Basics
import Cluster
import Configuration
import CostModel
import Foundation
import Reports
import Runtime
import Sweeps
import Transport

/// The check of all points of a sweep before the first starts: their files are there and can be used, and their settings
/// fit together.
struct SweepInputs {
    /// The most points that a line on what is wrong names.
    private static let mostNamed = 8

    private let clock: StepClock
    private let profiles: ProfileCache

    /// Create a check for points that are run, or predicted.
    init(clock: StepClock, environment: [String: String]) {
        self.clock = clock
        profiles = ProfileCache(environment: environment)
    }

    /// Check points, each file once.
    ///
    /// - Throws: ``ExitStatus/badConfiguration`` after a line for each thing that is wrong, with the points that have it.
    func require(_ points: [SweepPoint]) throws(ExitStatus) {
        var opened: [String: String?] = [:]
        var reasons: [String] = []
        var labels: [String: [String]] = [:]
        for point in points {
            let key = point.inputs
            let ofFiles =
                opened[key]
                ?? reason { () throws(RuntimeError) in
                    try point.resolved.plan.checkInputs(for: clock)
                }
            opened[key] = ofFiles
            guard let reason = ofFiles ?? ofSettings(point) else { continue }
            if labels[reason] == nil { reasons.append(reason) }
            labels[reason, default: []].append(point.label.isEmpty ? "the point" : point.label)
        }
        guard !reasons.isEmpty else { return }
        for reason in reasons { Console.note("epsim: \(Self.names(labels[reason] ?? [])): \(reason)") }
        let count = labels.values.reduce(0) { $0 + Set($1).count }
        Console.note("epsim: \(count) of the \(points.count) points cannot run; nothing was started")
        throw .badConfiguration
    }

    private func ofSettings(_ point: SweepPoint) -> String? {
        let plan = point.resolved.plan
        let reason = reason { () throws(RuntimeError) in
            try plan.checkRules(for: clock)
            // As each run checks itself, in a process with the limits of this one.
            if clock == .measured {
                try plan.resourceNeed(startsWorkers: true, savesOutputs: false).check(.current)
            }
        }
        if let reason { return reason }
        do {
            switch clock {
            case .modelled: _ = try profiles.profile(named: plan.hardware.profile)
            case .measured: _ = try plan.cluster.keyFile.map { try CurveKeys(contentsOf: $0) }
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func reason(_ check: () throws(RuntimeError) -> Void) -> String? {
        do {
            try check()
            return nil
        } catch {
            return error.description
        }
    }

    private static func names(_ labels: [String]) -> String {
        var seen: Set<String> = []
        let different = labels.filter { seen.insert($0).inserted }
        let named = different.prefix(mostNamed).joined(separator: ", ")
        let left = different.count - mostNamed
        return named + (left > 0 ? " and \(left) more" : "")
    }
}

extension SweepPoint {
    /// The values on which it depends what files the point reads, and whether they fit.
    fileprivate var inputs: String {
        let names = ["cluster.workers", "hardware.routing"]
        return resolved.values.filter { value in
            ["model.", "workload.", "router.", "run.steps", "run.warmup"].contains { value.key.hasPrefix($0) }
                || names.contains(value.key)
        }.map { "\($0.key)=\($0.effective ?? "")" }.joined(separator: "\n")
    }
}
