import Tensors

@testable import MoE

extension RouterBatch {
    /// Some consecutive tokens of the batch as a batch of their own, or nil where a sequence lies partly in `range`.
    ///
    /// Random numbers go by the place in the batch, so a slice draws other numbers for its tokens than the whole does;
    /// routers that read none (`Router.decidesPerToken`) route it as a part of the whole.
    ///
    /// - Precondition: `range` lies within the tokens, and the batch has one row, id and record per token.
    func slice(_ range: Range<Int>) -> RouterBatch? {
        precondition(range.lowerBound >= 0 && range.upperBound <= tokens, "tokens \(range) of \(tokens)")
        var lengths: [Int]?
        if let sequenceLengths {
            guard let inside = Self.lengths(sequenceLengths, within: range) else { return nil }
            lengths = inside
        }
        return RouterBatch(
            tokens: range.count,
            experts: experts,
            projections: projections.map { $0.slice(rows: range) },
            recorded: recorded?.slice(range),
            tokenIDs: tokenIDs.map { Array($0[range]) },
            sequenceLengths: lengths,
            hidden: hidden?.slice(rows: range),
            step: step,
            layer: layer,
            random: random
        )
    }

    /// The lengths of the sequences that `range` consists of, or nil when it cuts one.
    private static func lengths(_ lengths: [Int], within range: Range<Int>) -> [Int]? {
        var inside: [Int] = []
        var start = 0
        for length in lengths {
            let sequence = start..<start + length
            start = sequence.upperBound
            guard sequence.overlaps(range) else { continue }
            guard sequence.clamped(to: range) == sequence else { return nil }
            inside.append(length)
        }
        return inside.reduce(0, +) == range.count ? inside : nil
    }
}
