/// The source rank of each token of a step: the rank that owns it, as in attention data-parallelism.
///
/// By default ranks own equal contiguous runs of tokens: when the tokens do not divide evenly, the first ranks own one
/// more, and with fewer tokens than ranks the last ranks own none. Ragged batches have runs of other lengths, or name
/// the rank of each token.
public struct SourceRanks: Equatable, Sendable {
    private enum Form: Equatable, Sendable {
        case even(EvenSplit)
        /// The number of tokens before each rank's, and of all.
        case runs([Int])
        case listed([Int32])
    }

    private let form: Form
    private let ranks: Int

    /// Create the split of `tokens` tokens over `ranks` source ranks, as evenly as it goes.
    ///
    /// - Precondition: `tokens >= 0` and `ranks >= 1`.
    public init(tokens: Int, ranks: Int) {
        form = .even(EvenSplit(count: tokens, parts: ranks))
        self.ranks = ranks
    }

    /// Create a split into contiguous runs of given lengths, one for each rank.
    ///
    /// - Precondition: none is negative, and there is at least one.
    public init(counts: [Int]) {
        precondition(!counts.isEmpty && counts.allSatisfy { $0 >= 0 }, "tokens of source ranks: \(counts)")
        form = .runs(counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
        ranks = counts.count
    }

    /// Create the source ranks of a step from what its source and its configuration say of them.
    ///
    /// - Parameters:
    ///   - tokens: tokens of the step.
    ///   - ranks: the number of ranks.
    ///   - listed: the rank of each token, `[tokens]`, or nil.
    ///   - counts: tokens of each rank, `[ranks]`, or nil; stronger than `listed`.
    /// - Precondition: ranks are below `ranks`, counts sum to `tokens`.
    public init(tokens: Int, ranks: Int, listed: [Int32]?, counts: [Int]?) {
        if let counts {
            precondition(counts.count == ranks && counts.reduce(0, +) == tokens, "\(counts) for \(tokens) tokens")
            self.init(counts: counts)
        } else if let listed {
            precondition(listed.count == tokens, "\(listed.count) ranks for \(tokens) tokens")
            precondition(listed.allSatisfy { $0 >= 0 && $0 < ranks }, "a rank beyond \(ranks)")
            self.init(.listed(listed), ranks)
        } else {
            self.init(tokens: tokens, ranks: ranks)
        }
    }

    private init(_ form: Form, _ ranks: Int) { (self.form, self.ranks) = (form, ranks) }

    /// The rank that owns a token.
    public func rank(ofToken token: Int) -> Int {
        switch form {
        case .even(let split): return split.part(of: token)
        case .listed(let listed): return Int(listed[token])
        case .runs(let starts):
            precondition(token >= 0 && token < starts[ranks], "\(token) is outside 0..<\(starts[ranks])")
            // The last rank that begins at or before the token; ranks without tokens begin where the next one does.
            var (low, high) = (0, ranks - 1)
            while low < high {
                let middle = (low + high + 1) / 2
                if starts[middle] <= token { low = middle } else { high = middle - 1 }
            }
            return low
        }
    }

    /// The number of tokens that each rank owns, `[ranks]`.
    public var counts: [Int] {
        switch form {
        case .even(let split): return (0..<ranks).map { split.range(ofPart: $0).count }
        case .runs(let starts): return (0..<ranks).map { starts[$0 + 1] - starts[$0] }
        case .listed(let listed):
            var counts = [Int](repeating: 0, count: ranks)
            for rank in listed { counts[Int(rank)] += 1 }
            return counts
        }
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
