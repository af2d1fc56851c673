/// The values that a constant of a profile may have.
public enum ConstantRange: Sendable {
    /// Above 0: something is divided by it.
    case positive
    /// 0 and above.
    case fromZero
    /// A part of a whole that cannot be nothing.
    case share
    /// A whole number from 1.
    case count

    private static let largestCount = 1e6
    /// Bounds of everything, far outside of what hardware has: what is divided by them stays finite.
    private static let (least, most) = (1e-9, 1e12)

    /// The values in words.
    public var allowed: String {
        switch self {
        case .positive: "a number from 1e-9 to 1e12"
        case .fromZero: "a number from 0 to 1e12"
        case .share: "a number from 1e-9 to 1"
        case .count: "an integer from 1 to \(Int(Self.largestCount))"
        }
    }

    /// Whether a number is one of them.
    public func contains(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        return switch self {
        case .positive: (Self.least...Self.most).contains(value)
        case .fromZero: (0...Self.most).contains(value)
        case .share: (Self.least...1).contains(value)
        case .count: (1...Self.largestCount).contains(value) && value == value.rounded()
        }
    }
}
