/// What happens when the queue of an expert is full.
public enum DropPolicy: String, Codable, CaseIterable, Sendable {
    /// Queues have no end: dropless.
    case none
    /// Copies past the capacity are dropped, in token order.
    case position
}
