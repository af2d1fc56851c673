/// The reason for which bytes from the wire are no message.
public struct WireError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found and what is allowed.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) {
        self.description = description
    }
}
