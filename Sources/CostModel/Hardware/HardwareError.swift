/// The reason for which a hardware profile cannot be used.
public struct HardwareError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What was found and what is allowed.
    public let description: String

    /// An error.
    public init(_ description: String) {
        self.description = description
    }
}
