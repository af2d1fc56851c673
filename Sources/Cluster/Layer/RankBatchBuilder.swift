internal import MoE

/// A ``RankBatch`` while it is filled: first its segments, then its rows.
struct RankBatchBuilder {
    let rank: Int
    let weightTarget: WeightTarget
    var routedRows = 0
    private(set) var rows = 0
    private var segments: [BatchLayout.Segment] = []
    private var inputRows: [Int32] = []
    private var inputWeights: [Float] = []
    private var weights: [Float] = []

    init(rank: Int, weightTarget: WeightTarget) {
        self.rank = rank
        self.weightTarget = weightTarget
    }

    mutating func append(slot: Int, rows count: Int) {
        guard count > 0 else { return }
        segments.append(BatchLayout.Segment(slot: slot, rows: count))
        rows += count
    }

    mutating func allocate() {
        inputRows = [Int32](repeating: 0, count: rows)
        weights = [Float](repeating: 1, count: rows)
        if weightTarget == .input { inputWeights = weights }
    }

    mutating func set(row: Int, inputRow: Int, gateWeight: Float) {
        inputRows[row] = Int32(inputRow)
        switch weightTarget {
        case .output: weights[row] = gateWeight
        case .input: inputWeights[row] = gateWeight
        }
    }

    mutating func set(row: Int, inputRow: Int, outputWeight: Float) {
        inputRows[row] = Int32(inputRow)
        weights[row] = outputWeight
    }

    func batch() -> RankBatch {
        RankBatch(
            rank: rank,
            inputRows: inputRows,
            inputWeights: weightTarget == .input ? inputWeights : nil,
            weights: weights,
            segments: segments,
            routedRows: routedRows
        )
    }
}
