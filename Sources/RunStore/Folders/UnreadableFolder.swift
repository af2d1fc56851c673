/// A folder that looks like a run's and has no place in the index.
public struct UnreadableFolder: Equatable, Sendable {
    /// Where it is.
    public let path: String
    /// Why, in one sentence.
    public let reason: String
}
