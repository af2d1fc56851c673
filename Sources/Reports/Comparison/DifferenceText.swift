import Figures
import Basics

/// The verdict on a difference in words, for example `B is faster by 12 % (8 to 16 %)`.
struct DifferenceText {
    let verdict: FigureDifference.Verdict
    let better: Figure.Better
    let unit: Figure.Unit
    let difference: Double?
    let relative: Double?
    let relativeInterval: Interval?

    var sentence: String {
        switch verdict {
        case .same: "the same"
        case .withinNoise: "within the noise"
        case .tooFewRepeats: "too few repeats to tell"
        case .missing: "not known on both sides"
        case .lower, .higher: "B is \(judgement)\(word) by \(amount)"
        }
    }

    private var isTime: Bool { unit == .seconds || unit == .perSecond }

    private var isBetter: Bool { (verdict == .lower) == (better == .lower) }

    private var word: String {
        guard isTime, better != .neither else { return verdict == .lower ? "lower" : "higher" }
        return isBetter ? "faster" : "slower"
    }

    /// `faster` and `slower` say it already.
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
