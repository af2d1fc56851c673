/// The source rank of each token of a step: ranks own equal contiguous runs of tokens, as in attention
/// data-parallelism.
///
/// When the tokens do not divide evenly, the first ranks own one more. With fewer tokens than ranks the last ranks own
/// none.
public struct SourceRanks: Equatable, Sendable {
    private let split: EvenSplit

    /// Create the split of `tokens` tokens over `ranks` source ranks.
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

/// The split of `count` items into `parts` contiguous runs whose lengths differ by at most one, the longer ones first.
struct EvenSplit: Equatable, Sendable {
    private let count: Int
    private let shortLength: Int
    private let longParts: Int

    /// A split of `count` items.
    ///
    /// - Precondition: `count >= 0` and `parts >= 1`.
    init(count: Int, parts: Int) {
        precondition(count >= 0 && parts >= 1, "cannot split \(count) things into \(parts) parts")
        self.count = count
        (shortLength, longParts) = count.quotientAndRemainder(dividingBy: parts)
    }

    func range(ofPart part: Int) -> Range<Int> {
        let start = part * shortLength + min(part, longParts)
        return start..<start + shortLength + (part < longParts ? 1 : 0)
    }

    func part(of index: Int) -> Int {
        precondition(index >= 0 && index < count, "\(index) is outside 0..<\(count)")
        let inLongParts = longParts * (shortLength + 1)
        return index < inLongParts
            ? index / (shortLength + 1)
            : longParts + (index - inLongParts) / shortLength
    }
}
