public import MoE

/// Whether a full expert drops copies, and which come first.
public enum DropPolicy: String, Codable, CaseIterable, Sendable {
    /// Queues have no end: dropless.
    case none
    /// The earliest token first.
    case position
    /// All first choices, then all second choices, and so on.
    case choice
    /// The largest weight first.
    case probability
    /// As `choice`, the tokens with the largest scores first.
    case batchPrioritised = "batch-prioritised"
    /// In random order.
    case random

    /// Who comes first, or nil for ``none``.
    public var order: ContestOrder? { ContestOrder(rawValue: rawValue) }
}
