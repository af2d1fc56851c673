/// The reason for which a run cannot be watched, in one sentence.
public struct MonitorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// An error.
    init(_ description: String) {
        self.description = description
    }
}
