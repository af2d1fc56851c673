internal import MoE
import Placement
internal import Tensors

/// The builder of chunks: it orders the routed copies of a run of tokens by rank and slot.
///
/// The builder keeps its tables from chunk to chunk, so that a chunk costs no memory but its own.
public struct ChunkBuilder: Sendable {
    private let form: RowForm
    /// The limit on the bytes of rows that one rank is sent and returns for one chunk.
    private let byteLimit: Int
    /// The most bytes that a row takes: its values both ways, 8 of a segment, 4 of a gate weight and 4 of the index.
    private let rowBytes: Int

    /// While rows are counted, the kept copies of each slot; then the next free row of each slot among the rows of its
    /// rank, `[slots]`.
    private var nextRow: [Int32] = []
    private var rowsOfRank: [Int] = []
    private var sent = SentRows()

    /// A builder for the chunks of one run.
    ///
    /// - Parameters:
    ///   - hidden: values per row.
    ///   - byteLimit: bytes that a chunk may take of one rank's credit; one token may pass the limit.
    public init(hidden: Int, form: RowForm, byteLimit: Int) {
        self.form = form
        // What the payload is padded with is nobody's row, and no rows keep any limit.
        self.byteLimit = max(0, byteLimit - (AlignedBuffer.alignment - 1))
        let layout = BatchLayout(segments: [], sentRows: 0, hidden: hidden, form: form)
        rowBytes = layout.sentRowBytes + layout.replyRowBytes + 16
    }

    /// Build the next chunk of a layer: as many of the given tokens as the byte limit of each rank allows.
    ///
    /// Rows for one slot are in token order. Each token's row for a common expert goes to the token's source rank.
    ///
    /// - Parameter tokens: the tokens of the chunk; it ends earlier where a rank's rows would pass the limit of bytes.
    public mutating func chunk(of task: ChunkTask, tokens wanted: Range<Int>) -> DispatchChunk {
        let tokens = wanted.lowerBound..<count(task, wanted)
        let segments = layOut(task)
        var rows = ChunkRows(bounds: Self.bounds(rowsOfRank), weightTarget: task.plan.weightTarget)
        let copies = fill(&rows, task, tokens, commonStarts(task, segments))
        let ranks = segments.indices.filter { rowsOfRank[$0] > 0 }.map { rank in
            rows.chunk(rank: rank, segments: segments[rank].all, routedRows: segments[rank].routedRows, &sent)
        }
        let terms =
            form.presums ? CombineTerms(ofSentRows: ranks, tokens: tokens, allTokens: task.plan.tokens) : copies
        return DispatchChunk(
            tokens: tokens,
            ranks: ranks,
            terms: terms.all,
            termOffsets: terms.offsets,
            identityWeights: task.hasIdentityExperts ? tokens.map { task.identityWeight(ofToken: $0) } : []
        )
    }

    /// Put the row of each routed copy and of each common expert in its place, and return one term of the combine sum
    /// per row.
    private mutating func fill(
        _ rows: inout ChunkRows,
        _ task: ChunkTask,
        _ tokens: Range<Int>,
        _ commonStarts: [[Int]]
    ) -> CombineTerms {
        var terms = CombineTerms(tokens: tokens.count, terms: rows.count)
        var commonRow = commonStarts
        let rankOfSlot = task.slots.placement.rankOfSlot
        for token in tokens {
            for copy in task.plan.copies(ofToken: token) {
                guard let slot = task.slots.slot(ofCopy: copy) else { continue }
                let rank = Int(rankOfSlot[slot])
                let row = Int(nextRow[slot])
                nextRow[slot] += 1
                rows.set(rank: rank, row: row, inputRow: token, gateWeight: task.plan.weight[copy])
                terms.append(rank: rank, row: row, weight: form.carriesWeights ? 1 : task.plan.outputWeight(copy))
            }
            let home = task.home(ofToken: token)
            for (index, visits) in task.common.enumerated() {
                let weight = visits.weight(ofToken: token)
                let row = commonRow[home][index]
                commonRow[home][index] += 1
                rows.set(rank: home, row: row, inputRow: visits.firstRow + token, outputWeight: weight)
                terms.append(rank: home, row: row, weight: form.carriesWeights ? 1 : weight)
            }
            terms.endToken()
        }
        return terms
    }

    /// Count the rows of each slot and rank, token after token, and return the token at which the chunk ends.
    private mutating func count(_ task: ChunkTask, _ wanted: Range<Int>) -> Int {
        let placement = task.slots.placement
        Self.clear(&nextRow, count: placement.slots.count)
        Self.clear(&rowsOfRank, count: placement.ranks)
        for token in wanted {
            let fits = add(token, of: task, 1)
            if !fits, token > wanted.lowerBound {
                _ = add(token, of: task, -1)
                return token
            }
        }
        return wanted.upperBound
    }

    /// Add the rows of a token to the counts (`count` 1) or remove them (-1); return true when no rank of the token
    /// then exceeds the byte limit.
    private mutating func add(_ token: Int, of task: ChunkTask, _ count: Int) -> Bool {
        var most = 0
        for copy in task.plan.copies(ofToken: token) {
            guard let slot = task.slots.slot(ofCopy: copy) else { continue }
            let rank = Int(task.slots.placement.rankOfSlot[slot])
            nextRow[slot] += Int32(count)
            rowsOfRank[rank] += count
            most = max(most, rowsOfRank[rank])
        }
        if !task.common.isEmpty {
            let home = task.home(ofToken: token)
            rowsOfRank[home] += count * task.common.count
            most = max(most, rowsOfRank[home])
        }
        return most * rowBytes <= byteLimit
    }

    private typealias Segments = (all: [BatchLayout.Segment], routedRows: Int)

    /// Turn the counts of `nextRow` into the first row of each slot, and return the segments of each rank.
    private mutating func layOut(_ task: ChunkTask) -> [Segments] {
        rowsOfRank.indices.map { rank in
            var segments: [BatchLayout.Segment] = []
            var row = 0
            let slots = task.slots.placement.slotNumbers(onRank: rank)
            for (index, slot) in slots.enumerated() {
                let rows = Int(nextRow[slot])
                nextRow[slot] = Int32(row)
                if rows > 0 { segments.append(BatchLayout.Segment(slot: index, rows: rows)) }
                row += rows
            }
            let routed = row
            let own = (rowsOfRank[rank] - routed) / max(task.common.count, 1)
            for index in task.common.indices where own > 0 {
                segments.append(BatchLayout.Segment(slot: slots.count + index, rows: own))
            }
            return (segments, routed)
        }
    }

    /// The first row of each common expert among the rows of its rank, `[rank][expert]`.
    private func commonStarts(_ task: ChunkTask, _ segments: [Segments]) -> [[Int]] {
        guard !task.common.isEmpty else { return [] }
        return segments.indices.map { rank in
            let own = (rowsOfRank[rank] - segments[rank].routedRows) / task.common.count
            return task.common.indices.map { segments[rank].routedRows + $0 * own }
        }
    }

    /// Fill `numbers` with `count` zeros, reusing its memory.
    private static func clear<Number: BinaryInteger>(_ numbers: inout [Number], count: Int) {
        numbers.removeAll(keepingCapacity: true)
        numbers.append(contentsOf: repeatElement(0, count: count))
    }

    private static func bounds(_ rowsOfRank: [Int]) -> [Int] {
        rowsOfRank.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    }
}

/// The terms of the combine sums of a run of tokens, token after token.
struct CombineTerms {
    private(set) var all: [CombineTerm] = []
    /// The offset of each token's first term, and the end of the last, `[tokens + 1]`.
    private(set) var offsets: [Int32] = [0]

    /// An empty list with room for `terms` terms of `tokens` tokens.
    init(tokens: Int, terms: Int) {
        all.reserveCapacity(terms)
        offsets.reserveCapacity(tokens + 1)
    }

    /// One term for each rank and sent row, in rank order, of weight 1: for outputs that the workers have summed.
    ///
    /// - Parameter allTokens: tokens of the micro-batch; row r of the layer's input belongs to token r modulo this.
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

    /// Add a term of the current token.
    mutating func append(rank: Int, row: Int, weight: Float) {
        all.append(CombineTerm(rank: Int32(rank), row: Int32(row), weight: weight))
    }

    /// End the current token: the next term belongs to the next token.
    mutating func endToken() { offsets.append(Int32(all.count)) }
}

/// The rows of a chunk while they are filled in, all ranks in one table.
struct ChunkRows {
    /// The offset of each rank's first row, and the end of the last rank's rows, `[ranks + 1]`.
    private let bounds: [Int]
    private let weightTarget: WeightTarget
    private var inputRows: [Int32]
    /// The factor on the output of each row, `[rows]`; 1 for routed copies whose gate weight is applied to the
    /// input.
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
