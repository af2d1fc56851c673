import Cluster

/// One product of a token's sum: which expert on which rank, what it reads, and what multiplies it.
struct Summand: Hashable {
    var rank: Int
    var slot: Int
    var inputRow: Int
    var inputWeight: Float
    /// What multiplies the output.
    var weight: Float
}

extension RankChunk {
    /// What each row computes.
    var summands: [Summand] {
        let slots = segments.flatMap { [Int](repeating: $0.slot, count: $0.rows) }
        return zip(slots, sentRow).enumerated().map { row, place in
            Summand(
                rank: rank,
                slot: place.0,
                inputRow: Int(inputRows[Int(place.1)]),
                inputWeight: inputWeights?[Int(place.1)] ?? 1,
                weight: weights[row]
            )
        }
    }
}

extension DispatchChunk {
    /// The part of a rank, or nil where it computes nothing.
    func part(ofRank rank: Int32) -> RankChunk? { ranks.first { $0.rank == Int(rank) } }

    /// What the terms of the `index`-th token are, by the rows that they name.
    func summands(ofToken index: Int) -> [Summand?] {
        terms(ofToken: index).map { place in
            let rows = part(ofRank: terms[place].rank)?.summands ?? []
            let row = Int(terms[place].row)
            return rows.indices.contains(row) ? rows[row] : nil
        }
    }
}
