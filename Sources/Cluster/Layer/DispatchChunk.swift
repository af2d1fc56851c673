/// A run of a layer's tokens on its way: what each rank is sent, and how what comes back is summed.
public struct DispatchChunk: Equatable, Sendable {
    /// The tokens, of the micro-batch.
    public let tokens: Range<Int>
    /// One entry per rank that computes something for them, in rank order.
    public let ranks: [RankChunk]
    /// The summands of all tokens, token after token. For each token its kept copies in the router's order of choice, then
    /// the common experts; with `presums`, one per rank and sent row, in rank order.
    public let terms: [CombineTerm]
    /// `tokens.count + 1` offsets into ``terms``.
    public let termOffsets: [Int32]

    /// The summands of the `index`-th of the tokens.
    public func terms(ofToken index: Int) -> Range<Int> {
        Int(termOffsets[index])..<Int(termOffsets[index + 1])
    }
}
