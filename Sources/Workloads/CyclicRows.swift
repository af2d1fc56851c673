/// The rows of a token source that is read round and round, a fixed number of rows at each step.
struct CyclicRows: Equatable, Sendable {
    /// Upper limit of the rows that are read at a time, so that memory for conversions stays small.
    static let pieceRows = 4096

    /// Rows of the source; at least 1.
    let count: Int
    /// Rows of one step; at least 1.
    let perStep: Int

    init(count: Int, perStep: Int) {
        precondition(count > 0 && perStep > 0, "\(perStep) of \(count) rows per step")
        self.count = count
        self.perStep = perStep
    }

    /// The row of the source at a position of its endless repetition; negative positions count back from the end of the
    /// source.
    func row(at position: Int) -> Int {
        let remainder = position % count
        return remainder < 0 ? remainder + count : remainder
    }

    /// The ranges of rows of one step, in order; no range wraps around or has more than ``pieceRows`` rows.
    func pieces(step: Int) -> [Range<Int>] {
        precondition(step >= 0, "step \(step)")
        var pieces: [Range<Int>] = []
        var start = row(at: step * perStep)
        var left = perStep
        while left > 0 {
            let end = min(start + min(left, Self.pieceRows), count)
            pieces.append(start..<end)
            left -= end - start
            start = end == count ? 0 : end
        }
        return pieces
    }

    /// The ranges that hold every row of the source once, in order.
    var allPieces: [Range<Int>] {
        CyclicRows(count: count, perStep: count).pieces(step: 0)
    }
}
