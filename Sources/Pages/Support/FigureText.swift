import Basics
public import Figures

/// Values of figures as text, as pages show them.
public enum FigureText {
    /// Return a number without a unit as text, or a dash when there is none.
    public static func number(_ value: Double?, decimals: Int = 3) -> String {
        value.map { FixedPoint.text($0, decimals: decimals) } ?? "-"
    }

    /// A part of a whole in per cent, or a dash when there is none.
    public static func percent(_ share: Double?, decimals: Int = 1) -> String {
        share.map { FixedPoint.text($0 * 100, decimals: decimals) + " %" } ?? "-"
    }

    /// A number with about four digits, for counts that are means, or a dash when there is none.
    public static func count(_ value: Double?) -> String {
        guard let value else { return "-" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
        return FixedPoint.text(value, decimals: abs(value) >= 100 ? 1 : abs(value) >= 1 ? 2 : 4)
    }

    /// A value with its unit, or a dash when there is none.
    public static func text(_ value: Double?, _ unit: Figure.Unit) -> String {
        guard let value else { return "-" }
        return switch unit {
        case .seconds: DisplayUnit.seconds([value.magnitude]).full(value)
        case .bytes: DisplayUnit.bytes([value.magnitude]).full(value)
        case .perSecond: rate(value)
        case .share: percent(value, decimals: 2)
        case .ratio: number(value)
        case .count: count(value)
        }
    }

    /// A rate with thousands set apart, or a dash when there is none.
    public static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite, abs(value) < 1e15 else { return "-" }
        var digits = String(Int(value.rounded()))
        var place = digits.count - 3
        while place > 0 {
            digits.insert("\u{202F}", at: digits.index(digits.startIndex, offsetBy: place))
            place -= 3
        }
        return digits
    }
}
