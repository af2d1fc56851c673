/// Means that are nil rather than not a number.
public enum Average {
    /// The arithmetic mean, or nil when there are no values or it is not finite.
    public static func of(_ values: [Double]) -> Double? {
        ratio(values.reduce(0, +), Double(values.count))
    }

    /// `part / whole`, or nil when that is not a finite number.
    public static func ratio(_ part: Double, _ whole: Double) -> Double? {
        finite(part / whole)
    }

    /// `value`, or nil when it is not a finite number.
    public static func finite(_ value: Double) -> Double? {
        value.isFinite ? value : nil
    }
}
