/// A ``RankBatch`` while it is filled: first its segments, then its rows.
struct RankBatchBuilder {
    let rank: Int
    var routedRows = 0
    private(set) var rows = 0
    private var segments: [BatchLayout.Segment] = []
    private var tokens: [Int32] = []
    private var weights: [Float] = []

    init(rank: Int) {
        self.rank = rank
    }

    mutating func append(slot: Int, rows count: Int) {
        guard count > 0 else { return }
        segments.append(BatchLayout.Segment(slot: slot, rows: count))
        rows += count
    }

    mutating func allocate() {
        tokens = [Int32](repeating: 0, count: rows)
        weights = [Float](repeating: 0, count: rows)
    }

    mutating func set(row: Int, token: Int, weight: Float) {
        tokens[row] = Int32(token)
        weights[row] = weight
    }

    func batch() -> RankBatch {
        RankBatch(rank: rank, tokens: tokens, weights: weights, segments: segments, routedRows: routedRows)
    }
}
