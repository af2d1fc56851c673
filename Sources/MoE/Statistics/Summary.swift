/// Mean, percentiles and maximum of a list of values, over layers or steps.
public struct Summary: Codable, Equatable, Sendable {
    /// Arithmetic mean.
    public var mean: Double
    /// Median.
    public var p50: Double
    /// 90th percentile.
    public var p90: Double
    /// Largest value.
    public var max: Double

    /// The summary of `values` in any order, or nil when there are none.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        mean = values.reduce(0, +) / Double(values.count)
        p50 = Self.percentile(0.5, ofSorted: sorted)
        p90 = Self.percentile(0.9, ofSorted: sorted)
        max = sorted[sorted.count - 1]
    }

    /// The value below which `fraction` of the values lie, linear between the two nearest of them.
    ///
    /// Value i of n (from 0, ascending) stands at fraction i / (n - 1): the definition of numpy's default.
    ///
    /// - Parameters:
    ///   - fraction: 0...1.
    ///   - sorted: at least one value, ascending.
    public static func percentile(_ fraction: Double, ofSorted sorted: [Double]) -> Double {
        let place = fraction * Double(sorted.count - 1)
        let lower = Int(place)
        let upper = Swift.min(lower + 1, sorted.count - 1)
        return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }
}
