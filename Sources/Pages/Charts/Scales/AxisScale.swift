import Foundation

/// A mapping of values to places on an axis, 0 at its beginning and 1 at its end.
public struct AxisScale: Equatable, Sendable {
    /// The kind of a scale: linear or logarithmic.
    public enum Kind: Equatable, Sendable {
        /// Equal steps for equal differences.
        case linear
        /// Equal steps for equal ratios; values above 0 only.
        case logarithmic
    }

    let kind: Kind
    let range: ClosedRange<Double>
    /// The values that are marked on the axis, in order.
    let ticks: [Double]
    private let decimals: Int

    /// A scale that holds all finite `values` and ends at round numbers.
    ///
    /// - Parameters:
    ///   - fromZero: begin a linear scale at 0.
    ///   - count: the approximate number of ticks.
    public init(over values: some Sequence<Double>, kind: Kind = .linear, fromZero: Bool = false, count: Int = 5) {
        let values = values.filter { $0.isFinite && (kind == .linear || $0 > 0) }
        let low = values.min() ?? 0
        let high = values.max() ?? 1
        self.kind = kind
        switch kind {
        case .linear:
            let begin = fromZero ? min(0, low) : low
            // Values that differ by rounding alone are one value.
            let isFlat = high - begin <= 1e-9 * max(abs(begin), abs(high))
            let step = Self.step(from: begin, to: isFlat ? begin + max(abs(begin), 1) : high, count: count)
            let first = (begin / step).rounded(.down)
            // A sum that passes a round number by rounding alone asks for no further step.
            let last = max((high / step - 1e-9).rounded(.up), first + 1)
            ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
            range = first * step...last * step
            decimals = max(0, Int(-log10(step).rounded(.down)))
        case .logarithmic:
            let begin = log2(max(low, .leastNormalMagnitude)).rounded(.down)
            let end = max(log2(max(high, .leastNormalMagnitude)).rounded(.up), begin + 1)
            let stride = max(1, Int(((end - begin) / Double(2 * count)).rounded(.up)))
            ticks = Swift.stride(from: Int(begin), through: Int(end), by: stride).map { exp2(Double($0)) }
            range = exp2(begin)...exp2(end)
            decimals = begin < 0 ? min(6, Int(-begin)) : 0
        }
    }

    /// Return the place of a value on the axis, 0 to 1; a value outside the range gets the nearer end.
    func place(_ value: Double) -> Double {
        guard range.lowerBound < range.upperBound else { return 0 }
        let value = min(max(value, range.lowerBound), range.upperBound)
        switch kind {
        case .linear: return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        case .logarithmic: return log2(value / range.lowerBound) / log2(range.upperBound / range.lowerBound)
        }
    }

    /// The label of a tick, with as many decimals as tell it from the next.
    func label(_ tick: Double) -> String {
        if abs(tick) >= 1e6 { return String(format: "%.3gM", tick / 1e6) }
        if abs(tick) >= 1e4 { return String(format: "%.3gk", tick / 1e3) }
        let text = String(format: "%.\(decimals)f", tick == 0 ? 0 : tick)
        guard kind == .logarithmic, text.contains(".") else { return text }
        return String(text.reversed().drop { $0 == "0" }.reversed())
    }

    /// The step from tick to tick: 1, 2 or 5 times a power of ten.
    private static func step(from low: Double, to high: Double, count: Int) -> Double {
        let rough = (high - low) / Double(max(count, 1))
        let power = pow(10, log10(rough).rounded(.down))
        // What rounding alone adds to a factor asks for no wider step.
        let factor = rough / power - 1e-9
        return power * (factor > 5 ? 10 : factor > 2 ? 5 : factor > 1 ? 2 : 1)
    }
}
