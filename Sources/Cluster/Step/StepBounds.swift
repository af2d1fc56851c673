/// The bounds on the steps of a run.
public struct StepBounds: Equatable, Sendable {
    /// Chunks of an exchange that are out at a time: one on its way there, one computed, one on its way back, and one to
    /// spare. More would only lie in queues and leave the caches before they are read.
    public static let chunksOut = 4

    /// Bytes that may be on their way to a rank and back or wait to be combined, `[ranks]`.
    public var credits: [Int]
    /// Chunks of an exchange that are out at a time.
    public var depth: Int
    /// From the routing of an exchange until its last result.
    public var patience: Nanoseconds
    /// Whether the coordinator itself computes the common experts.
    public var hasOwnExperts: Bool

    /// Limits of a run.
    public init(credits: [Int], depth: Int = chunksOut, patience: Nanoseconds, hasOwnExperts: Bool) {
        self.credits = credits
        self.depth = depth
        self.patience = patience
        self.hasOwnExperts = hasOwnExperts
    }
}
