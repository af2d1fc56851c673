/// From one value to another.
public struct Interval: Codable, Equatable, Sendable {
    /// The lower end.
    public let low: Double
    /// The upper end.
    public let high: Double

    /// The interval between two values in any order.
    init(_ one: Double, _ other: Double) {
        low = min(one, other)
        high = max(one, other)
    }

    /// True where the interval holds 0.
    var holdsZero: Bool { low <= 0 && high >= 0 }
}
