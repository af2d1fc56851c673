public import Basics
import Records

/// The difference between the measured time of steps and the sums of each rank's phases.
///
/// For one (step, rank), the residual is the sum over layers of |layer - (gate + dispatch + queue + compute + combine
/// + wait + shared + merge)|, plus |step - sum of its layers|, each by its own pair of stamps. Nothing cancels out.
///
/// On a busy machine any single step can be held up between two stamps, so one step decides nothing by itself: times
/// do not add up when the misses are frequent, or so large that they show in the means.
public struct Residual: Codable, Equatable, Sendable {
    /// The limit on a residual, as a part of its step, unless `allowedSecondsPerLayer` allows more.
    public static let allowedShare = 0.02
    /// The limit on a residual, in seconds per layer of its step, unless `allowedShare` allows more.
    public static let allowedSecondsPerLayer = 200e-6
    /// The limit on the part of all steps in which a rank passes its limit; one step may in any case.
    public static let allowedMissedShare = 0.05

    /// The limit on a residual, in words.
    static let limitWords =
        "\(FixedPoint.text(allowedShare * 100, significant: 2)) % of its step, or "
        + "\(DisplayUnit.microseconds().text(allowedSecondsPerLayer)) µs per layer where that is more"

    /// The largest residual of any rank in any step, in seconds, or nil without steps.
    @OrNull public private(set) var worstSeconds: Double?
    /// The limit on the largest residual, in seconds: 2 % of its step, or 200 µs per layer where that is more.
    @OrNull public private(set) var limitSeconds: Double?
    /// Index of the step with the largest residual.
    @OrNull public private(set) var step: Int?
    /// Index of the rank with the largest residual.
    @OrNull public private(set) var rank: Int?
    /// The mean residual over (step, rank), in seconds.
    @OrNull public private(set) var meanSeconds: Double?
    /// The mean over (step, rank) of the limit on the residual, in seconds.
    @OrNull public private(set) var meanLimitSeconds: Double?
    /// `meanSeconds` / the mean seconds of a step.
    @OrNull public private(set) var meanShare: Double?
    /// The number of steps in which the residual of a rank passes its limit.
    public let missedSteps: Int
    /// `missedSteps` / steps; 0 to 1.
    @OrNull public private(set) var missedShare: Double?

    /// True when more than one step, and more than the allowed part of them, has a rank that passes its limit.
    public var isMissedOften: Bool { missedSteps > 1 && (missedShare ?? 0) > Self.allowedMissedShare }

    /// True when the mean residual passes the mean limit.
    public var isMissedOnAverage: Bool { (meanSeconds ?? 0) > (meanLimitSeconds ?? 0) }

    /// True when the times add up: misses are neither frequent nor large on average.
    public var isWithinLimit: Bool { !isMissedOften && !isMissedOnAverage }

    /// Compute the residuals of recorded steps.
    init(_ steps: [StepRecord]) {
        let pairs = steps.flatMap(Pair.all)
        let worst = pairs.max { $0.seconds < $1.seconds }
        missedSteps = Set(pairs.filter { $0.seconds > $0.limit }.map(\.step)).count
        worstSeconds = worst?.seconds
        limitSeconds = worst?.limit
        step = worst?.step
        rank = worst?.rank
        meanSeconds = Average.of(pairs.map(\.seconds))
        meanLimitSeconds = Average.of(pairs.map(\.limit))
        meanShare = meanSeconds.flatMap {
            Average.ratio($0, steps.reduce(0) { $0 + $1.seconds } / Double(steps.count))
        }
        missedShare = Average.ratio(Double(missedSteps), Double(steps.count))
    }

    /// The residual of one rank in one step.
    private struct Pair {
        let step: Int
        let rank: Int
        let seconds: Double
        let limit: Double

        /// Return the residual of every rank in a step, in rank order.
        static func all(_ step: StepRecord) -> [Pair] {
            let limit = max(allowedShare * step.seconds, allowedSecondsPerLayer * Double(step.layers.count))
            return step.residuals.sorted { $0.key < $1.key }.map { rank, seconds in
                Pair(step: step.step, rank: rank, seconds: seconds, limit: limit)
            }
        }
    }
}

extension StepRecord {
    /// The residual of each rank in seconds, by rank.
    fileprivate var residuals: [Int: Double] {
        let outside = abs(seconds - layers.reduce(0) { $0 + $1.seconds })
        var residuals: [Int: Double] = [:]
        for layer in layers {
            for rank in layer.ranks {
                let phases = layer.gateSeconds + rank.seconds.total + layer.sharedSeconds + layer.mergeSeconds
                residuals[rank.rank, default: outside] += abs(layer.seconds - phases)
            }
        }
        return residuals
    }
}

extension Residual: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "limit_seconds": "The limit: \(limitWords); in seconds.",
        "mean_limit_seconds": "The mean over (step, rank) of what was allowed, in seconds.",
        "mean_seconds": "The mean residual over (step, rank), in seconds.",
        "mean_share": "`mean_seconds` / the mean seconds of a step.",
        "missed_share": "`missed_steps` / steps; 0 to 1.",
        "missed_steps": "Steps in which a rank passes its limit.",
        "rank": "The rank of the largest residual.",
        "step": "The step of the largest residual.",
        "worst_seconds": "The largest residual, in seconds, or null without steps.",
    ]
}
