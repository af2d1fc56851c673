/// Decimal numbers as text: `0.1`, `-2`, `1e-5`; never hexadecimal, infinite or not a number.
public enum DecimalText {
    /// The number that a text stands for, or nil.
    public static func value(_ text: String) -> Double? {
        guard text.utf8.allSatisfy({ "0123456789.eE+-".utf8.contains($0) }), let value = Double(text) else {
            return nil
        }
        return value.isFinite ? value : nil
    }

    /// The shortest text that reads back as this number; whole numbers without a point.
    public static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
