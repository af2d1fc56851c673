/// The owners of a step's tokens: equal contiguous runs over ranks, as in attention data-parallelism.
///
/// When the tokens do not divide evenly, the first ranks own one more. With fewer tokens than ranks the last ranks own
/// none.
public struct SourceRanks: Equatable, Sendable {
    private let split: EvenSplit

    /// The owners of `tokens` tokens over `ranks` ranks.
    ///
    /// - Precondition: `tokens >= 0` and `ranks >= 1`.
    public init(tokens: Int, ranks: Int) {
        split = EvenSplit(count: tokens, parts: ranks)
    }

    /// The rank that owns a token.
    public func rank(ofToken token: Int) -> Int {
        split.part(of: token)
    }

    /// The tokens that a rank owns.
    public func tokens(ofRank rank: Int) -> Range<Int> {
        split.range(ofPart: rank)
    }
}
