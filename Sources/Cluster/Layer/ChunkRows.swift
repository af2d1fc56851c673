internal import MoE

/// The rows of a chunk while they are filled in, all ranks in one table.
struct ChunkRows {
    /// Where the rows of each rank begin, and where the last end, `[ranks + 1]`.
    private let bounds: [Int]
    private let weightTarget: WeightTarget
    private var inputRows: [Int32]
    /// What multiplies the output, or for routed copies whose weight goes there, the input.
    private var outputWeights: [Float]
    private var inputWeights: [Float]

    init(bounds: [Int], weightTarget: WeightTarget) {
        self.bounds = bounds
        self.weightTarget = weightTarget
        let count = bounds.last ?? 0
        inputRows = [Int32](repeating: 0, count: count)
        outputWeights = [Float](repeating: 1, count: count)
        inputWeights = weightTarget == .input ? outputWeights : []
    }

    var count: Int { inputRows.count }

    mutating func set(rank: Int, row: Int, inputRow: Int, gateWeight: Float) {
        let place = bounds[rank] + row
        inputRows[place] = Int32(inputRow)
        switch weightTarget {
        case .output: outputWeights[place] = gateWeight
        case .input: inputWeights[place] = gateWeight
        }
    }

    mutating func set(rank: Int, row: Int, inputRow: Int, outputWeight: Float) {
        let place = bounds[rank] + row
        inputRows[place] = Int32(inputRow)
        outputWeights[place] = outputWeight
    }

    /// The rows of one rank. Rows that read the same input travel once, unless each is weighted before it is sent.
    func chunk(
        rank: Int,
        segments: [BatchLayout.Segment],
        routedRows: Int,
        _ sent: inout SentRows
    ) -> RankChunk {
        let own = bounds[rank]..<bounds[rank + 1]
        let sharesRows = weightTarget == .output
        let rows = sharesRows ? sent.shared(inputRows[own]) : SentRows.separate(inputRows[own])
        return RankChunk(
            rank: rank,
            segments: segments,
            sentRow: rows.sentRow,
            weights: Array(outputWeights[own]),
            inputRows: rows.inputRows,
            inputWeights: sharesRows ? nil : Array(inputWeights[own]),
            routedRows: routedRows
        )
    }
}
