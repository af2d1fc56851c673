/// Histograms of seconds, several of them over the same buckets, as Prometheus counts them.
public struct HistogramTable: Equatable, Sendable {
    /// Upper bounds of the buckets in seconds, ascending, without the last one, which is infinite.
    public let bounds: [Double]
    /// How many histograms there are.
    public let series: Int
    private var counts: [Int]
    private var sums: [Double]

    /// Buckets for the parts of a step: 10 µs to 1 s, in steps of 1, 2.5 and 5.
    public static let partBounds = [
        1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1,
    ]
    /// Buckets for whole steps: 1 ms to 100 s, in steps of 1, 2.5 and 5.
    public static let stepBounds = [
        1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100,
    ]

    /// Empty histograms.
    public init(bounds: [Double], series: Int) {
        self.bounds = bounds
        self.series = series
        counts = [Int](repeating: 0, count: series * (bounds.count + 1))
        sums = [Double](repeating: 0, count: series)
    }

    /// Counts a value in one of the histograms; one that is not finite does not count.
    mutating func observe(_ seconds: Double, series index: Int) {
        guard seconds.isFinite, (0..<series).contains(index) else { return }
        var bucket = 0
        while bucket < bounds.count && seconds > bounds[bucket] { bucket += 1 }
        counts[index * (bounds.count + 1) + bucket] += 1
        sums[index] += seconds
    }

    /// Values at or below each bound, and below infinity, `[bounds + 1]`.
    public func cumulativeCounts(series index: Int) -> [Int] {
        var total = 0
        return counts[index * (bounds.count + 1)..<(index + 1) * (bounds.count + 1)].map { count in
            total += count
            return total
        }
    }

    /// The sum of the values in seconds.
    public func sum(series index: Int) -> Double { sums[index] }
}
