/// The summands of a run of tokens, token after token.
struct CombineTerms {
    private(set) var all: [CombineTerm] = []
    /// Where those of each token begin, and where the last end.
    private(set) var offsets: [Int32] = [0]

    /// None yet; there will be so many.
    init(tokens: Int, terms: Int) {
        all.reserveCapacity(terms)
        offsets.reserveCapacity(tokens + 1)
    }

    /// One for each rank and sent row, in rank order, of weight 1: what comes back where workers sum.
    ///
    /// - Parameter allTokens: tokens of the micro-batch; row r of the layer's input is of token r modulo this.
    init(ofSentRows ranks: [RankChunk], tokens: Range<Int>, allTokens: Int) {
        offsets = [Int32](repeating: 0, count: tokens.count + 1)
        for rank in ranks {
            for row in rank.inputRows { offsets[Int(row) % allTokens - tokens.lowerBound + 1] += 1 }
        }
        for index in 1..<offsets.count { offsets[index] += offsets[index - 1] }
        var next = offsets
        all = [CombineTerm](repeating: CombineTerm(rank: 0, row: 0, weight: 1), count: Int(offsets.last ?? 0))
        for rank in ranks {
            for (sent, row) in rank.inputRows.enumerated() {
                let token = Int(row) % allTokens - tokens.lowerBound
                all[Int(next[token])] = CombineTerm(rank: Int32(rank.rank), row: Int32(sent), weight: 1)
                next[token] += 1
            }
        }
    }

    /// Adds a summand of the token at hand.
    mutating func append(rank: Int, row: Int, weight: Float) {
        all.append(CombineTerm(rank: Int32(rank), row: Int32(row), weight: weight))
    }

    /// The next summand is of the next token.
    mutating func endToken() { offsets.append(Int32(all.count)) }
}
