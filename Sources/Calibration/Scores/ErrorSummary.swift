/// Relative errors in short.
public struct ErrorSummary: Codable, Equatable, Sendable {
    /// How many there are.
    public let count: Int
    /// Median of the absolute errors; 0.1 is a tenth.
    public let median: Double
    /// 95th percentile of the absolute errors, between neighbours in proportion.
    public let p95: Double
    /// The largest absolute error.
    public let largest: Double
    /// Median of the signed errors: above 0 when predictions are too slow.
    public let bias: Double

    /// The summary of signed errors, or nil when there is none.
    public init?(_ errors: [Double]) {
        guard !errors.isEmpty else { return nil }
        let absolute = errors.map(abs).sorted()
        count = errors.count
        median = Self.quantile(absolute, 0.5)
        p95 = Self.quantile(absolute, 0.95)
        largest = absolute[absolute.count - 1]
        bias = Self.quantile(errors.sorted(), 0.5)
    }

    private static func quantile(_ sorted: [Double], _ part: Double) -> Double {
        let place = part * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}
