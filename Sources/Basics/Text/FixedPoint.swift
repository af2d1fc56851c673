/// Numbers with a fixed count of decimals, the same in every locale.
public enum FixedPoint {
    /// The most decimals that ``text(_:decimals:)`` writes.
    public static let maximumDecimals = 9

    /// `value` rounded to `decimals` places, half away from zero, for example `text(2.5, decimals: 0)` is `3`.
    ///
    /// Numbers too large to round in 53 bits are written in the shortest form that reads back as the same number, as
    /// are infinities and NaN. `decimals` is held to `0...maximumDecimals`.
    public static func text(_ value: Double, decimals: Int) -> String {
        let places = min(max(decimals, 0), maximumDecimals)
        let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
        let scaled = (value.magnitude * scale).rounded(.toNearestOrAwayFromZero)
        guard scaled < 0x1p53 else { return value.description }
        let digits = String(Int64(scaled))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// `value` for running text: at most `digits` significant digits, no exponent and no closing zeros of a fraction,
    /// for example `0.1`, `83657` or `1.25`.
    public static func text(_ value: Double, significant digits: Int) -> String {
        var decimals = digits - 1
        var bound = 10.0
        while decimals > 0 && value.magnitude >= bound {
            decimals -= 1
            bound *= 10
        }
        let text = text(value, decimals: decimals)
        guard decimals > 0, text.contains(".") else { return text }
        let trimmed = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(trimmed.reversed())
    }

    /// `value` with two digits and a power of ten, for example `3.7e-2`; `0` for 0.
    public static func scientific(_ value: Double) -> String {
        guard value != 0, value.isFinite else { return text(value, decimals: 0) }
        var mantissa = value
        var exponent = 0
        while mantissa.magnitude >= 9.95 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa.magnitude < 0.995 {
            mantissa *= 10
            exponent -= 1
        }
        return "\(text(mantissa, decimals: 1))e\(exponent)"
    }
}

/// Digits in base 16, in lower case.
public enum Hexadecimal {
    /// Bytes as hexadecimal digits, two per byte.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { text($0, digits: 2) }.joined()
    }

    /// The digits of a number, at least `digits` of them.
    public static func text(_ value: some FixedWidthInteger & UnsignedInteger, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Random digits, for names that no other process is likely to draw.
    public static func random(digits: Int = 8) -> String {
        String((0..<digits).map { _ in Character(String(UInt8.random(in: 0..<16), radix: 16)) })
    }
}
