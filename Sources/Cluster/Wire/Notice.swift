/// The reason of a refusal or a failure, for a person.
public struct Notice: Codable, Equatable, Sendable {
    /// One sentence.
    public var reason: String

    /// A notice with its sentence.
    public init(reason: String) {
        self.reason = reason
    }
}
