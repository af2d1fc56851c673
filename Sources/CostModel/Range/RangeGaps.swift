/// In what a prediction differs from everything that was checked, and how far off it may be for that.
struct RangeGaps {
    private let topic: String
    private var gaps: [String] = []
    /// The largest error bar, or nil when nothing says how far off one of the gaps leads.
    private var bar: Double? = 0

    init(_ topic: String) { self.topic = topic }

    mutating func add(_ gap: String, bar: Double?) {
        gaps.append(gap)
        self.bar = self.bar.flatMap { current in bar.map { max(current, $0) } }
    }

    mutating func check(_ name: String, _ value: Int, in range: ClosedRange<Int>, bar: Double) {
        if !range.contains(value) { add("\(name) \(value) (checked: \(Self.text(range)))", bar: bar) }
    }

    mutating func check(_ name: String, _ value: Double, in range: ClosedRange<Double>, bar: Double) {
        guard !range.contains(value), value.isFinite else { return }
        let whole = Int(range.lowerBound)...Int(range.upperBound)
        let rounded = value < 1 ? "below 1" : "\(Int(min(value, 1e15)))"
        add("\(name) \(rounded) (checked: \(Self.text(whole)))", bar: bar)
    }

    /// One sentence, or none.
    var notes: [String] {
        guard !gaps.isEmpty else { return [] }
        let error =
            bar.map { "may be off by \(Int(($0 * 100).rounded())) %" } ?? "nothing measured says how far off it is"
        return ["\(topic) beyond what was checked: \(gaps.joined(separator: "; ")); \(error)"]
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
