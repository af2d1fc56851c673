import Basics
import Reports

/// Figures as pages show them.
enum Figure {
    /// A number without a unit, or a dash when there is none.
    static func number(_ value: Double?, decimals: Int = 3) -> String {
        value.map { FixedPoint.text($0, decimals: decimals) } ?? "-"
    }

    /// A part of a whole.
    static func percent(_ share: Double?, decimals: Int = 1) -> String {
        share.map { FixedPoint.text($0 * 100, decimals: decimals) + " %" } ?? "-"
    }

    /// A number with about four digits, for counts that are means.
    static func count(_ value: Double?) -> String {
        guard let value else { return "-" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
        return FixedPoint.text(value, decimals: abs(value) >= 100 ? 1 : abs(value) >= 1 ? 2 : 4)
    }

    /// A rate with thousands set apart.
    static func rate(_ value: Double?) -> String {
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
