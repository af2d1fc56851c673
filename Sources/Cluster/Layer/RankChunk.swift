/// The rows that one rank computes for a run of tokens: permuted by expert, those that every token sends last.
public struct RankChunk: Equatable, Sendable {
    /// The rank.
    public let rank: Int
    /// Consecutive rows for one expert of the rank.
    public let segments: [BatchLayout.Segment]
    /// Which sent row each row reads, `[rows]`.
    public let sentRow: [Int32]
    /// What multiplies the output of each row, `[rows]`.
    public let weights: [Float]
    /// Which row of the layer's input each sent row is, `[sent rows]`, in the order of their first use.
    public let inputRows: [Int32]
    /// What multiplies each sent row before it is sent, `[sent rows]`, or nil for 1 throughout.
    public let inputWeights: [Float]?
    /// Rows that are routed copies; the rest are for the common experts.
    public let routedRows: Int

    /// Rows for all experts.
    public var rows: Int { sentRow.count }
}
