/// The rows that one rank computes in one layer: tokens permuted by expert, those that every token sends last.
public struct RankBatch: Equatable, Sendable {
    /// The rank.
    public let rank: Int
    /// Which row of the layer's input each row is, `[rows]`; for routed copies, the token.
    public let inputRows: [Int32]
    /// What multiplies each row before it is sent, `[rows]`, or nil for 1 throughout.
    public let inputWeights: [Float]?
    /// What multiplies the output of each row, `[rows]`.
    public let weights: [Float]
    /// Consecutive rows for one expert of the rank.
    public let segments: [BatchLayout.Segment]
    /// Rows that are routed copies; the rest are for the experts that every token visits.
    public let routedRows: Int

    /// Rows for all experts.
    public var rows: Int { inputRows.count }
}
