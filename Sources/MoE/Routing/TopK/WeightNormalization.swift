import Foundation

/// The division of a token's weights by their norm.
///
/// The divisor is max((sum of |w|^p)^(1/p) + epsilon, floor), over the choices that the token makes or, after a drop,
/// that it keeps.
public struct WeightNormalization: Equatable, Sendable {
    /// The moment at which the weights are divided: before or after the drop.
    public enum Moment: String, Codable, CaseIterable, Equatable, Sendable {
        /// Before copies are dropped, so that the weights of a token's kept copies can sum to less than 1.
        case beforeDrop = "before-drop"
        /// After copies are dropped, so that the weights of a token's kept copies sum to 1.
        case afterDrop = "after-drop"
    }

    /// The moment at which the weights are divided.
    public var moment: Moment
    /// The power of the norm, p.
    public var power: Double
    /// The constant epsilon that is added to the norm of the weights.
    public var epsilon: Double
    /// The lower limit of the divisor of a token's weights.
    public var floor: Double

    /// Create a division of weights, by default by their sum and before copies are dropped.
    public init(_ moment: Moment = .beforeDrop, power: Double = 1, epsilon: Double = 0, floor: Double = 0) {
        self.moment = moment
        self.power = power
        self.epsilon = epsilon
        self.floor = floor
    }

    /// The divisor of the given weights; 1 where it would be 0.
    func divisor(_ weights: some Sequence<Double>) -> Double {
        let sum =
            power == 1
            ? weights.reduce(0) { $0 + abs($1) }
            : pow(weights.reduce(0) { $0 + pow(abs($1), power) }, 1 / power)
        let divisor = max(sum + epsilon, floor)
        return divisor > 0 ? divisor : 1
    }
}
