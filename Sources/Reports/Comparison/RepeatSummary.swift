public import Figures

/// The repeats of a figure on one side of a comparison.
public struct RepeatSummary: Codable, Equatable, Sendable {
    /// The arithmetic mean.
    public let mean: Double
    /// How many repeats there are; 1 where only a mean is known.
    public let repeats: Int
    /// Sample standard deviation (divided by repeats - 1), or nil for fewer than two.
    @OrNull public private(set) var standardDeviation: Double?
    /// Half the width of the confidence interval of the mean, by Student's t, or nil for fewer than two repeats.
    @OrNull public private(set) var halfWidth: Double?

    /// The summary of finite values, or nil when there are none.
    init?(_ values: [Double], confidence: Double) {
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
        let count = Double(values.count)
        // A mean of equal values is that value, to the last bit.
        let mean = values.allSatisfy { $0 == values[0] } ? values[0] : values.reduce(0, +) / count
        guard mean.isFinite else { return nil }
        self.mean = mean
        repeats = values.count
        guard values.count > 1 else { return }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        standardDeviation = variance.squareRoot()
        let t = StudentT.quantile((1 + confidence) / 2, degrees: count - 1)
        halfWidth = t * (variance / count).squareRoot()
    }

    /// Variance of the mean.
    fileprivate var varianceOfMean: Double? { standardDeviation.map { $0 * $0 / Double(repeats) } }

    /// The confidence interval of `other` - self by the t test of Welch (Biometrika 34, 1947), whose variances may
    /// differ; nil where a side has fewer than two repeats.
    func difference(to other: RepeatSummary, confidence: Double) -> Interval? {
        guard let own = varianceOfMean, let others = other.varianceOfMean else { return nil }
        let difference = other.mean - mean
        let variance = own + others
        guard variance > 0 else { return Interval(difference, difference) }
        let parts = own * own / Double(repeats - 1) + others * others / Double(other.repeats - 1)
        // Squares of tiny variances may be 0; the fewest degrees that Welch's formula can give are the safe choice.
        let fewest = Double(min(repeats, other.repeats) - 1)
        let degrees = parts > 0 ? max(variance * variance / parts, fewest) : fewest
        let half = StudentT.quantile((1 + confidence) / 2, degrees: degrees) * variance.squareRoot()
        return Interval(difference - half, difference + half)
    }
}
