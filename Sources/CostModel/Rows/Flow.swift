/// The token rows that pass one rank, both ways.
public struct Flow: Equatable, Sendable {
    /// Rows that it sends.
    public var sent: Double
    /// Rows that it receives.
    public var received: Double

    /// Rows both ways.
    public init(sent: Double = 0, received: Double = 0) {
        self.sent = sent
        self.received = received
    }

    /// The larger of both: links carry both ways at once.
    public var larger: Double { max(sent, received) }
}
