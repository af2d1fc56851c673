/// How a requirement compares a figure with its threshold.
public enum Comparison: String, Codable, CaseIterable, Sendable {
    /// At least. The two-character operators stand first, so that they are tried first.
    case atLeast = ">="
    /// At most.
    case atMost = "<="
    /// Equal, bit for bit.
    case equal = "=="
    /// More than.
    case above = ">"
    /// Less than.
    case below = "<"

    /// True when `value` stands in this relation to `threshold`.
    public func holds(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .atLeast: value >= threshold
        case .atMost: value <= threshold
        case .equal: value == threshold
        case .above: value > threshold
        case .below: value < threshold
        }
    }
}
