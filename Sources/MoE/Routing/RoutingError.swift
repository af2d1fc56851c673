/// The reason for which a batch cannot be routed.
public struct RoutingError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found and what is allowed.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) {
        self.description = description
    }
}
