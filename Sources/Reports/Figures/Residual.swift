import CostModel

/// How far the phases of a rank miss the steps that they should add up to.
///
/// For one (step, rank), the residual is the sum over layers of |layer - (gate + dispatch + queue + compute + combine
/// + wait + merge)|, plus |step - sum of its layers|, each by its own pair of stamps. Nothing cancels out.
public struct Residual: Codable, Equatable, Sendable {
    /// The part of a step that a residual may reach.
    public static let allowedShare = 0.02
    /// The seconds per layer that a residual may reach, where those are more than the share.
    public static let allowedSecondsPerLayer = 200e-6

    /// The residual that is largest against its limit, in seconds, or nil without steps.
    @OrNull public private(set) var worstSeconds: Double?
    /// What it was allowed: 2 % of its step, or 200 µs per layer where that is more; in seconds.
    @OrNull public private(set) var limitSeconds: Double?
    /// Its step.
    @OrNull public private(set) var step: Int?
    /// Its rank.
    @OrNull public private(set) var rank: Int?
    /// The mean residual over (step, rank) / the mean seconds of a step.
    @OrNull public private(set) var meanShare: Double?

    /// True when no residual passes its limit.
    public var isWithinLimit: Bool {
        guard let worstSeconds, let limitSeconds else { return true }
        return worstSeconds <= limitSeconds
    }

    /// The residuals of recorded steps.
    init(_ steps: [StepRecord]) {
        var shares: [Double] = []
        for step in steps {
            let limit = max(Self.allowedShare * step.seconds, Self.allowedSecondsPerLayer * Double(step.layers.count))
            for (rank, seconds) in step.residuals.sorted(by: { $0.key < $1.key }) {
                shares.append(seconds)
                if isWorse(seconds, limit) { note(seconds, limit, step: step.step, rank: rank) }
            }
        }
        let mean = Average.of(shares)
        meanShare = mean.flatMap { Average.ratio($0, steps.reduce(0) { $0 + $1.seconds } / Double(steps.count)) }
    }

    private func isWorse(_ seconds: Double, _ limit: Double) -> Bool {
        guard let worstSeconds, let limitSeconds else { return true }
        return seconds * limitSeconds > worstSeconds * limit
    }

    private mutating func note(_ seconds: Double, _ limit: Double, step: Int, rank: Int) {
        worstSeconds = seconds
        limitSeconds = limit
        self.step = step
        self.rank = rank
    }
}

extension StepRecord {
    /// The residual of each rank in seconds.
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
