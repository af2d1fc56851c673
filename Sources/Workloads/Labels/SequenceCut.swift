/// Where the tokens of a step are cut into sequences.
enum SequenceCut: Equatable, Sendable {
    /// Nowhere: nothing is known, so the tokens of a step are one sequence.
    case nowhere
    /// After so many tokens, counted from the beginning of each step; at least 1.
    case every(Int)
    /// Where the sequences of the source end, in ascending order; the last is the number of its tokens.
    case ends([Int])

    /// The lengths of the sequences that some tokens form, or nil when they are one.
    ///
    /// A sequence that begins before the tokens, or ends behind them, counts with the part that is among them.
    ///
    /// - Parameters:
    ///   - start: the first token, as a row of the source.
    ///   - count: so many tokens; behind the last row of the source comes its first.
    func lengths(from start: Int, count: Int) -> [Int]? {
        switch self {
        case .nowhere: nil
        case .every(let size): stride(from: 0, to: count, by: size).map { min(size, count - $0) }
        case .ends(let ends): Self.lengths(ends, from: start, count: count)
        }
    }

    private static func lengths(_ ends: [Int], from start: Int, count: Int) -> [Int] {
        var lengths: [Int] = []
        var sequence = ends.firstIndex { $0 > start } ?? 0
        var row = start
        var left = count
        while left > 0 {
            let length = min(ends[sequence] - row, left)
            lengths.append(length)
            left -= length
            row = ends[sequence]
            sequence += 1
            if sequence == ends.count { (sequence, row) = (0, 0) }
        }
        return lengths
    }
}
