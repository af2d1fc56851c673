import Basics
public import MoE

/// Mean, median, 90th percentile and maximum of a figure, or `null` four times when there was nothing to summarise.
///
/// Percentiles are interpolated linearly between the two nearest values, as numpy does.
public struct Spread: Codable, Equatable, Sendable {
    /// The summary, or nil without values.
    public let summary: Summary?

    /// Summarise the finite ones of `values`.
    public init(_ values: [Double]) {
        let summary = Summary(values.filter(\.isFinite))
        self.summary = summary.flatMap { $0.mean.isFinite ? $0 : nil }
    }

    /// The arithmetic mean.
    public var mean: Double? { summary?.mean }
    /// The median.
    public var p50: Double? { summary?.p50 }
    /// The 90th percentile.
    public var p90: Double? { summary?.p90 }
    /// The largest value.
    public var max: Double? { summary?.max }

    /// The value of a statistic, or nil without values.
    public subscript(statistic: Statistic) -> Double? {
        switch statistic {
        case .mean: mean
        case .p50: p50
        case .p90: p90
        case .max: max
        }
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case mean, p50, p90, max
    }

    /// Read the four statistics; they are all numbers or all `null`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let values = try CodingKeys.allCases.map { try container.decode(OrNull<Double>.self, forKey: $0).wrappedValue }
        summary = values.contains(nil) ? nil : try Summary(from: decoder)
    }

    /// Write the four statistics.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mean, forKey: .mean)
        try container.encode(p50, forKey: .p50)
        try container.encode(p90, forKey: .p90)
        try container.encode(max, forKey: .max)
    }
}

extension Spread: KeyMeanings {
    /// The meaning of each key in the JSON of this type, by the key in snake case.
    public static let meanings = [
        "max": "Largest value, or null.",
        "mean": "Arithmetic mean, or null where there was nothing to summarise.",
        "p50": "Median, or null.",
        "p90": "90th percentile, or null.",
    ]
}

/// Means and ratios that are nil rather than not a number.
public enum Average {
    /// The arithmetic mean, or nil when there are no values or it is not finite.
    public static func of(_ values: [Double]) -> Double? {
        ratio(values.reduce(0, +), Double(values.count))
    }

    /// `part / whole`, or nil when that is not a finite number.
    public static func ratio(_ part: Double, _ whole: Double) -> Double? {
        finite(part / whole)
    }

    /// `value`, or nil when it is not a finite number.
    public static func finite(_ value: Double) -> Double? {
        value.isFinite ? value : nil
    }
}

/// A sum and the number of its terms, from which Prometheus and reports get the same mean.
public struct RunningMean: Equatable, Sendable {
    /// The sum of the values.
    public private(set) var sum = 0.0
    /// The number of values.
    public private(set) var count = 0
    /// The last value.
    public private(set) var last: Double?
    /// The largest value.
    public private(set) var largest: Double?

    /// A mean without values.
    public init() {}

    /// Add a value; one that is not finite does not count, as in a report.
    public mutating func add(_ value: Double) {
        guard value.isFinite else { return }
        sum += value
        count += 1
        last = value
        largest = max(largest ?? value, value)
    }

    /// Add the values of another running mean, as if they came after the values here.
    public mutating func add(_ other: RunningMean) {
        sum += other.sum
        count += other.count
        last = other.last ?? last
        if let value = other.largest { largest = max(largest ?? value, value) }
    }

    /// The arithmetic mean, or nil when there were no values.
    public var mean: Double? { count > 0 ? sum / Double(count) : nil }
}
