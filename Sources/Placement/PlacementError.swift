/// The reason for which experts cannot be placed as asked.
public struct PlacementError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found and what is allowed.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) {
        self.description = description
    }
}
