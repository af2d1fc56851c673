/// The reason for which the index of runs cannot be used, or a run not be found, in one sentence.
public struct RunStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    /// True where the index cannot be used as it is, and making it anew mends that.
    let isMendedByReindexing: Bool

    /// An error.
    init(_ description: String, isMendedByReindexing: Bool = false) {
        self.description = description
        self.isMendedByReindexing = isMendedByReindexing
    }
}
