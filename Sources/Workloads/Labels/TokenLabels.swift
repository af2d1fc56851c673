/// What is known of the tokens of a source beside their numbers: vocabulary ids, and the sequences that they form.
struct TokenLabels: Equatable, Sendable {
    /// The vocabulary id of each token of the source, or nil when they have none.
    let ids: [Int32]?
    /// Where steps are cut into sequences.
    let cut: SequenceCut

    /// Labels of a source.
    ///
    /// - Parameters:
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, whatever `cut` says; nil for `cut`.
    init(ids: [Int32]? = nil, cut: SequenceCut = .nowhere, sequenceTokens: Int? = nil) {
        self.ids = ids
        self.cut = sequenceTokens.map { .every($0) } ?? cut
    }

    /// The ids of some tokens of the source.
    func ids(of rows: some Collection<Int>) -> [Int32]? {
        ids.map { ids in rows.map { ids[$0] } }
    }

    /// How often each id occurs in the source, by id; nil without ids.
    var frequencies: [Double]? {
        guard let ids, let largest = ids.max() else { return nil }
        var counts = [Double](repeating: 0, count: Int(largest) + 1)
        for id in ids { counts[Int(id)] += 1 }
        return counts
    }

    /// Gives the tokens of one step their labels.
    func label(_ batch: inout WorkloadBatch, rows: CyclicRows, step: Int) {
        batch.tokenIDs = ids(of: rows.pieces(step: step).joined())
        batch.sequenceLengths = lengths(rows: rows, step: step)
    }

    /// The lengths of the sequences that the tokens of one step form, or nil when they are one.
    func lengths(rows: CyclicRows, step: Int) -> [Int]? {
        cut.lengths(from: rows.row(at: step * rows.perStep), count: rows.perStep)
    }
}
