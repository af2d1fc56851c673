/// Tokens in order, cut into runs of nearly equal length.
struct ChunkRanges: Equatable, Sendable {
    private let tokens: Int
    private let length: Int
    private var start = 0

    /// - Parameter size: most tokens of a run.
    init(tokens: Int, size: Int) {
        self.tokens = tokens
        let count = max(1, (tokens + size - 1) / size)
        length = max(1, (tokens + count - 1) / count)
    }

    /// The next run, or nil at the end.
    var next: Range<Int>? { start < tokens ? start..<min(start + length, tokens) : nil }

    /// The next run begins here.
    mutating func take(upTo end: Int) { start = end }
}
