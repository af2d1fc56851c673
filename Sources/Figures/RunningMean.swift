/// A sum and the number of its terms, from which Prometheus and reports get the same mean.
public struct RunningMean: Equatable, Sendable {
    /// The sum of the values.
    public private(set) var sum = 0.0
    /// How many there were.
    public private(set) var count = 0
    /// The last one.
    public private(set) var last: Double?
    /// The largest.
    public private(set) var largest: Double?

    /// No values yet.
    public init() {}

    /// Adds a value; one that is not finite does not count, as in a report.
    public mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        sum += value
        count += 1
        last = value
        largest = max(largest ?? value, value)
    }

    /// Adds the values of another; its last one is the last.
    public mutating func add(_ other: RunningMean) {
        sum += other.sum
        count += other.count
        last = other.last ?? last
        if let value = other.largest { largest = max(largest ?? value, value) }
    }

    /// The arithmetic mean, or nil when there were no values.
    public var mean: Double? { count > 0 ? sum / Double(count) : nil }
}
