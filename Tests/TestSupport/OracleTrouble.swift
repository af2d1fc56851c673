/// What is wrong with an oracle's files.
public struct OracleTrouble: Error, CustomStringConvertible {
    /// The reason, as a sentence.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
