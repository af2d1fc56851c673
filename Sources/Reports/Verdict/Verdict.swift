import Basics
import Figures
import MoE
import Records

/// The verdict on the figures of a run, with its reasons.
struct Verdict: Equatable {
    /// The fewest measured steps of a valid run; the spread of fewer is not worth stating.
    static let fewestSteps = 5

    /// The status of the run.
    let status: RunStatus
    /// One reason per line; empty when the run is valid.
    let reasons: [String]

    /// The verdict on a run that came to `end`.
    ///
    /// A wrong token fails the run. Reasons that would make a run invalid are also given for one that was interrupted:
    /// they tell how far its figures carry. A failed run has its own reason, and that is what has to be mended.
    init(
        end: RunEnd,
        steps: Int,
        check: RecordCheck,
        residual: Residual,
        clock: StepClock,
        verification: Verification,
        isEmpty: Bool
    ) {
        // The modelled clock has no noise whose spread could be stated.
        let fewest = clock == .measured ? Self.fewestSteps : 1
        let doubts = Self.doubts(
            steps: steps,
            fewest: fewest,
            check: check,
            residual: residual,
            isEmpty: isEmpty,
            isFinished: end == .completed
        )
        let wrong = Self.wrongTokens(verification)
        switch end {
        case .failed(let reason):
            status = .failed
            reasons = [reason] + wrong
        case .interrupted(let reason):
            status = wrong.isEmpty ? .interrupted : .failed
            reasons = [reason] + wrong + doubts
        case .completed:
            let trouble: RunStatus = wrong.isEmpty ? .invalid : .failed
            reasons = wrong + doubts
            status = reasons.isEmpty ? .valid : trouble
        }
    }

    private static func wrongTokens(_ verification: Verification) -> [String] {
        guard let wrong = verification.wrongTokens, let checked = verification.checkedTokens, wrong > 0 else {
            return []
        }
        return ["\(wrong) of \(checked) tokens are wrong"]
    }

    private static func doubts(
        steps: Int,
        fewest: Int,
        check: RecordCheck,
        residual: Residual,
        isEmpty: Bool,
        isFinished: Bool
    ) -> [String] {
        var doubts: [String] = []
        if isEmpty { doubts.append("nothing was routed: no layer of any step has a routed copy") }
        if steps < fewest {
            doubts.append("too few steps to state a spread: \(steps) measured, at least \(fewest) needed")
        }
        if let lost = lostSamples(check, isFinished: isFinished) { doubts.append(lost) }
        if let place = check.firstNegativeTime {
            doubts.append("times that do not add up: a negative time in \(place)")
        }
        if let miss = residualMiss(residual, steps: steps) { doubts.append(miss) }
        if let place = check.firstNonFinite {
            doubts.append("a figure of the router is not a finite number: \(place)")
        }
        return doubts
    }

    /// Return the reason that samples are missing, or nil; steps that never ran are missing only in a run that
    /// finished.
    private static func lostSamples(_ check: RecordCheck, isFinished: Bool) -> String? {
        if let place = check.firstLost {
            return "samples lost: \(check.recorded) of \(check.expected) recorded, first missing: \(place)"
        }
        guard isFinished, check.recorded < check.expected else { return nil }
        return "samples lost: \(check.recorded) of \(check.expected) recorded, whole steps are missing"
    }

    private static func residualMiss(_ residual: Residual, steps: Int) -> String? {
        guard !residual.isWithinLimit, let worst = residual.worstSeconds, let limit = residual.limitSeconds,
            let step = residual.step, let rank = residual.rank
        else { return nil }
        let microseconds = { (seconds: Double?) in DisplayUnit.microseconds().full(seconds ?? 0) }
        var misses: [String] = []
        if residual.isMissedOften {
            let allowed = FixedPoint.text(Residual.allowedMissedShare * 100, significant: 2)
            misses.append(
                "in \(residual.missedSteps) of \(steps) steps by more than their limit, allowed are \(allowed) %"
            )
        }
        if residual.isMissedOnAverage {
            let limit = microseconds(residual.meanLimitSeconds)
            misses.append("by \(microseconds(residual.meanSeconds)) on average, allowed are \(limit)")
        }
        return "times that do not add up: the phases miss the steps " + misses.joined(separator: ", and ")
            + " (at worst rank \(rank) misses step \(step) by \(microseconds(worst)), its limit is \(microseconds(limit)))"
    }
}

/// The verdict on a run.
public enum RunStatus: String, Codable, CaseIterable, Sendable {
    /// A run whose figures may be relied on.
    case valid
    /// A run that came to its end, but whose figures are not to be relied on; the reasons say why.
    case invalid
    /// A run that did not come to its end, or computed wrong tokens.
    case failed
    /// A run that was stopped before its end.
    case interrupted
}

/// The warnings to read before comparing figures, which do not touch the verdict.
enum Warnings {
    /// The limit on the uncertainty of a clock, as a part of a layer's time, above which there is a warning.
    static let unmentionedUncertainty = 0.01

    /// The warnings about a run, in a fixed order.
    static func all(_ run: RunDescription, stepSeconds: Double?) -> [String] {
        (run.clock == .measured ? run.hosts.compactMap(\.crowding) : []) + cycling(run.workload)
            + clocks(run, stepSeconds: stepSeconds)
    }

    private static func cycling(_ workload: WorkloadDescription) -> [String] {
        guard let cycles = workload.cycles, cycles > 1 else { return [] }
        return ["the workload is shorter than the run: cycled \(FixedPoint.text(cycles, decimals: 1)) times"]
    }

    private static func clocks(_ run: RunDescription, stepSeconds: Double?) -> [String] {
        guard let stepSeconds, run.model.layers > 0 else { return [] }
        let allowed = unmentionedUncertainty * stepSeconds / Double(run.model.layers)
        return run.workers.filter { $0.clockUncertaintySeconds > allowed }.map { worker in
            let most = DisplayUnit.microseconds().full(worker.clockUncertaintySeconds)
            return "dispatch and combine times of rank \(worker.rank) may be off by \(most) a layer: "
                + "the clock of \(worker.host) is known no better"
        }
    }
}
