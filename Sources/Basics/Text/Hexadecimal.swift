/// Digits to the base of 16, in lower case.
public enum Hexadecimal {
    /// Two digits for each byte.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { text($0, digits: 2) }.joined()
    }

    /// A number with at least so many digits.
    public static func text(_ value: some FixedWidthInteger & UnsignedInteger, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Digits that nobody else is likely to draw.
    public static func random(digits: Int = 8) -> String {
        String((0..<digits).map { _ in Character(String(UInt8.random(in: 0..<16), radix: 16)) })
    }
}
