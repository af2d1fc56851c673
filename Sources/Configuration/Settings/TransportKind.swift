/// What carries the messages.
public enum TransportKind: String, Codable, CaseIterable, Sendable {
    /// Unix domain sockets, on one machine.
    case ipc
    /// TCP.
    case tcp
}
