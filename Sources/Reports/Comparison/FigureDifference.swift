public import Basics
public import Figures

/// One figure on both sides of a comparison.
public struct FigureDifference: Codable, Equatable, Sendable {
    /// The outcome of comparing one figure on sides A and B.
    public enum Verdict: String, Codable, Sendable {
        /// Both sides have the same value in every repeat.
        case same
        /// The confidence interval of the difference holds 0.
        case withinNoise = "within_noise"
        /// B's mean is lower than A's, and the confidence interval of the difference does not hold 0; of predictions, B
        /// is lower.
        case lower
        /// B's mean is higher than A's, and the confidence interval of the difference does not hold 0; of predictions,
        /// B is higher.
        case higher
        /// A side has fewer than two repeats, so the difference has no confidence interval.
        case tooFewRepeats = "too_few_repeats"
        /// A side has no value of the figure.
        case missing
    }

    /// The path of the figure in `report.json`.
    public let figure: String
    /// The title of the figure in tables.
    public let title: String
    /// The unit of the figure.
    public let unit: Figure.Unit
    /// The direction in which the figure is better: lower, higher or neither.
    public let better: Figure.Better
    /// True for the figures that a chart shows first.
    public let isMain: Bool
    /// The summary of A's repeats, or nil where A has no value of the figure.
    @OrNull public private(set) var a: RepeatSummary?
    /// The summary of B's repeats, or nil where B has no value of the figure.
    @OrNull public private(set) var b: RepeatSummary?
    /// Mean of B - mean of A, in the unit of the figure; nil where a side has no value.
    @OrNull public private(set) var difference: Double?
    /// `difference` / |mean of A|; nil where the mean of A is 0.
    @OrNull public private(set) var relative: Double?
    /// Confidence interval of `difference`; nil where a side has fewer than two repeats.
    @OrNull public private(set) var interval: Interval?
    /// `interval` / |mean of A|, with the mean of A taken as exact.
    @OrNull public private(set) var relativeInterval: Interval?
    /// The verdict on the difference.
    public let verdict: Verdict
    /// True where the interval of the difference does not hold 0, false where it does; nil where there is no interval,
    /// as of predictions, whose differences need no test.
    @OrNull public private(set) var isSignificant: Bool?
    /// True where B is better, false where it is worse; nil where no difference is certain or no direction is better.
    @OrNull public private(set) var bIsBetter: Bool?
    /// The verdict in words, for example `B is faster by 12 % (8 to 16 %)`.
    public let sentence: String

    /// Compare the values of one figure in the repeats of A and in those of B.
    ///
    /// - Parameter confidence: the confidence of the interval; nil for predictions, which are the same in every repeat:
    ///   any difference is certain.
    init(_ figure: ComparedFigure, a valuesOfA: [Double], b valuesOfB: [Double], confidence: Double?) {
        self.figure = figure.path
        title = figure.title
        unit = figure.unit
        better = figure.better
        isMain = figure.isMain
        a = RepeatSummary(valuesOfA, confidence: confidence)
        b = RepeatSummary(valuesOfB, confidence: confidence)
        if let first = _a.wrappedValue, let second = _b.wrappedValue {
            let scale = first.mean.magnitude
            let difference = second.mean - first.mean
            let interval = confidence.flatMap { first.difference(to: second, confidence: $0) }
            self.difference = difference
            self.interval = interval
            relative = Average.ratio(difference, scale)
            if scale > 0 { relativeInterval = interval.map { Interval($0.low / scale, $0.high / scale) } }
        }
        let isConstant = Set(valuesOfA).count == 1 && Set(valuesOfA) == Set(valuesOfB)
        let isSame = isConstant || (!valuesOfA.isEmpty && valuesOfA == valuesOfB)
        verdict = Self.verdict(
            _difference.wrappedValue,
            _interval.wrappedValue,
            isSame: isSame,
            isExact: confidence == nil
        )
        isSignificant = _interval.wrappedValue.map { !isSame && !$0.holdsZero }
        switch (verdict, figure.better) {
        case (.lower, .lower), (.higher, .higher): bIsBetter = true
        case (.lower, .higher), (.higher, .lower): bIsBetter = false
        default: bIsBetter = nil
        }
        sentence =
            DifferenceText(
                verdict: verdict,
                better: figure.better,
                unit: figure.unit,
                difference: _difference.wrappedValue,
                relative: _relative.wrappedValue,
                relativeInterval: _relativeInterval.wrappedValue,
                ratio: confidence == nil ? Self.ratio(_a.wrappedValue, _b.wrappedValue) : nil
            ).sentence
    }

    /// The larger mean / the smaller one; nil where a mean is not above 0.
    private static func ratio(_ a: RepeatSummary?, _ b: RepeatSummary?) -> Double? {
        guard let a = a?.mean, let b = b?.mean, min(a, b) > 0 else { return nil }
        return Average.ratio(max(a, b), min(a, b))
    }

    private static func verdict(
        _ difference: Double?,
        _ interval: Interval?,
        isSame: Bool,
        isExact: Bool
    ) -> Verdict {
        guard let difference else { return .missing }
        if isSame { return .same }
        guard let interval else { return !isExact ? .tooFewRepeats : difference < 0 ? .lower : .higher }
        guard !interval.holdsZero else { return .withinNoise }
        return difference < 0 ? .lower : .higher
    }
}

/// The verdict on a difference in words, for example `B is faster by 12 % (8 to 16 %)`.
struct DifferenceText {
    let verdict: FigureDifference.Verdict
    let better: Figure.Better
    let unit: Figure.Unit
    let difference: Double?
    let relative: Double?
    let relativeInterval: Interval?
    /// Of predictions, the larger value / the smaller one; nil for runs.
    let ratio: Double?

    var sentence: String {
        switch verdict {
        case .same: "the same"
        case .withinNoise: "within the noise"
        case .tooFewRepeats: "too few repeats to tell"
        case .missing: "not known on both sides"
        case .lower, .higher: times ?? "B is \(judgement)\(word) by \(amount)"
        }
    }

    /// `B is 4.0 × faster`, for times and rates of predictions; nil for anything else.
    private var times: String? {
        guard isTime, better != .neither, let ratio else { return nil }
        let decimals = ratio >= 2 ? 1 : ratio >= 1.1 ? 2 : ratio >= 1.01 ? 3 : 5
        let text = FixedPoint.text(ratio, decimals: decimals)
        return "B is \(Double(text) == 1 ? "less than 1.00001" : text) × \(word)"
    }

    private var isTime: Bool { unit == .seconds || unit == .perSecond }

    private var isBetter: Bool { (verdict == .lower) == (better == .lower) }

    private var word: String {
        guard isTime, better != .neither else { return verdict == .lower ? "lower" : "higher" }
        return isBetter ? "faster" : "slower"
    }

    /// `better: ` or `worse: `; empty where `faster` or `slower` says it already, and where neither direction is
    /// better.
    private var judgement: String {
        guard !isTime, better != .neither else { return "" }
        return isBetter ? "better: " : "worse: "
    }

    private var amount: String {
        guard let relative else { return FixedPoint.text(abs(difference ?? 0), significant: 3) }
        let percent = { (share: Double) in
            let text = FixedPoint.text(share * 100, significant: 2)
            return text == "0" && share > 0 ? "less than 0.1" : text
        }
        guard let interval = relativeInterval, interval.low != interval.high else {
            return percent(relative.magnitude) + " %"
        }
        // Both ends have the sign of the difference.
        let ends = [interval.low.magnitude, interval.high.magnitude].sorted().map(percent)
        return "\(percent(relative.magnitude)) % (\(ends[0]) to \(ends[1]) %)"
    }
}

/// Mean, number and spread of a figure's repeats on one side of a comparison.
public struct RepeatSummary: Codable, Equatable, Sendable {
    /// The arithmetic mean of the repeats.
    public let mean: Double
    /// The number of repeats; 1 where only a mean is known.
    public let repeats: Int
    /// Sample standard deviation (divided by repeats - 1), or nil for fewer than two repeats.
    @OrNull public private(set) var standardDeviation: Double?
    /// Half the width of the confidence interval of the mean, by Student's t, or nil for fewer than two repeats.
    @OrNull public private(set) var halfWidth: Double?

    /// Summarise `values`; nil when there are none or one is not finite. Without a confidence the mean alone is known.
    init?(_ values: [Double], confidence: Double?) {
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
        let count = Double(values.count)
        // A mean of equal values is that value, to the last bit.
        let mean = values.allSatisfy { $0 == values[0] } ? values[0] : values.reduce(0, +) / count
        guard mean.isFinite else { return nil }
        self.mean = mean
        repeats = values.count
        guard values.count > 1 else { return }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        guard let confidence else { return }
        standardDeviation = variance.squareRoot()
        let t = StudentT.quantile((1 + confidence) / 2, degrees: count - 1)
        halfWidth = t * (variance / count).squareRoot()
    }

    /// The variance of the mean, or nil for fewer than two repeats.
    fileprivate var varianceOfMean: Double? { standardDeviation.map { $0 * $0 / Double(repeats) } }

    /// Return the confidence interval of (mean of `other` - own mean) by Welch's t test (Biometrika 34, 1947), which
    /// lets variances differ; nil where a side has fewer than two repeats.
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
