/// The rows that one rank computes in one layer: tokens permuted by expert, those of the shared expert last.
public struct RankBatch: Equatable, Sendable {
    /// The rank.
    public let rank: Int
    /// Which token each row is, `[rows]`.
    public let tokens: [Int32]
    /// The gate weight of each row, `[rows]`; 1 for the shared expert.
    public let weights: [Float]
    /// Consecutive rows for one expert of the rank.
    public let segments: [BatchLayout.Segment]
    /// Rows that are routed copies; the rest are for the shared expert.
    public let routedRows: Int

    /// Rows for all experts.
    public var rows: Int { tokens.count }
}
