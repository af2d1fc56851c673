/// Why a test cannot go on, through no fault of what it tests.
public struct TestTrouble: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A trouble with its reason.
    public init(_ description: String) {
        self.description = description
    }
}
