import Foundation

/// The search for the odds with which a ``ChoiceLaw`` gives every expert its load.
///
/// log(sum over sets) - sum of load times log odds is convex in the logarithms of the odds, and its gradient is what the
/// loads are off by. It is minimised by L-BFGS (Nocedal, 'Updating quasi-Newton matrices with limited storage',
/// Mathematics of Computation 35, 1980). At the minimum it is at least the entropy of the law; where it falls
/// below 0 no law has these loads.
public struct ChoiceFit: Sendable {
    /// The largest error of an expert's expected number in a token with which the search ends.
    private static let tolerance = 1e-8
    /// The largest error with which loads count as reached.
    private static let allowed = 2e-5
    private static let mostRounds = 600
    private static let memory = 12

    /// The logarithms of the odds, `[experts]`.
    public private(set) var logits: [Double]
    /// The expected number of each expert in a token that they give, `[experts]`.
    public private(set) var included: [Double]
    /// False when no law has the loads.
    public private(set) var isPossible = true

    /// The law whose odds are searched.
    public let law: ChoiceLaw
    /// The square root of the variance of each expert's number, by which the search measures its steps.
    private let scale: [Double]
    private var value = Double.infinity
    private var gradient: [Double] = []
    private var history: [(step: [Double], change: [Double], product: Double)] = []

    /// Search the odds of a law.
    public init(_ law: ChoiceLaw) {
        self.law = law
        logits = law.wanted.map { log($0 / (1 - $0)) }
        scale = law.wanted.map { ($0 * (1 - $0)).squareRoot() }
        included = law.wanted
        guard law.draws > 0, !logits.isEmpty else {
            isPossible = law.draws == 0
            return
        }
        guard move(to: logits) else {
            isPossible = false
            return
        }
        var round = 0
        while largestError > Self.tolerance, value > -1e-6, round < Self.mostRounds, step() { round += 1 }
        isPossible = value > -1e-6 && largestError <= Self.allowed
        history = []
    }

    /// The largest difference of an expert's expected number from the wanted one.
    public var largestError: Double { zip(included, law.wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } }

    /// Take over some logits and what they come to; false when they allow no set.
    private mutating func move(to logits: [Double]) -> Bool {
        guard let outcome = law.outcome(logits) else { return false }
        self.logits = logits
        included = outcome.included
        value = outcome.logSum - zip(law.wanted, logits).reduce(0) { $0 + $1.0 * $1.1 }
        gradient = zip(included, law.wanted).map { $0 - $1 }
        return value.isFinite
    }

    /// Go one step; false when there is no better place.
    private mutating func step() -> Bool {
        let start = (logits: logits, value: value, gradient: gradient)
        var direction = direction()
        var slope = Self.product(direction, start.gradient)
        if slope >= 0 {
            history = []
            direction = self.direction()
            slope = Self.product(direction, start.gradient)
        }
        // A step of more than some units of a logit trusts the curvature too far.
        let longest = direction.reduce(0) { max($0, abs($1)) }
        var factor = longest > 4 ? 4 / longest : 1
        for _ in 0..<30 {
            let next = zip(start.logits, direction).map { $0 + factor * $1 }
            // Where rounding hides the descent, the slope tells whether the place is better.
            if move(to: next),
                value <= start.value + 1e-4 * factor * slope
                    || value <= start.value + 1e-12 * max(1, abs(start.value))
                        && abs(Self.product(direction, gradient)) < abs(slope)
            {
                remember(zip(logits, start.logits).map { $0 - $1 }, zip(gradient, start.gradient).map { $0 - $1 })
                return true
            }
            factor /= 2
        }
        _ = move(to: start.logits)
        guard !history.isEmpty else { return false }
        history = []
        return true
    }

    private mutating func remember(_ step: [Double], _ change: [Double]) {
        let product = Self.product(step, change)
        guard product > 1e-300 else { return }
        history.append((step, change, product))
        if history.count > Self.memory { history.removeFirst() }
    }

    /// The direction of descent: minus the gradient times what is known of the inverse of the second derivative.
    private func direction() -> [Double] {
        var vector = gradient
        var factors: [Double] = []
        for pair in history.reversed() {
            let factor = Self.product(pair.step, vector) / pair.product
            factors.append(factor)
            for index in vector.indices { vector[index] -= factor * pair.change[index] }
        }
        for index in vector.indices { vector[index] /= scale[index] * scale[index] }
        if let last = history.last {
            let weighed = zip(last.change, scale).reduce(0) { $0 + $1.0 * $1.0 / ($1.1 * $1.1) }
            let factor = last.product / weighed
            for index in vector.indices { vector[index] *= factor }
        }
        for (pair, factor) in zip(history, factors.reversed()) {
            let part = Self.product(pair.change, vector) / pair.product
            for index in vector.indices { vector[index] += (factor - part) * pair.step[index] }
        }
        return vector.map { -$0 }
    }

    private static func product(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += left[index] * right[index] }
        return sum
    }
}
