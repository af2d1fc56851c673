import Cluster
import MoE
import Placement
import Tensors

@testable import Runtime

/// A layer that is dispatched and combined, with a line of arithmetic in the place of each expert.
struct TestLayer {
    let plan: DispatchPlan
    let placement: LayerPlacement
    /// What experts read: the tokens, and behind them as many rows for a dense network.
    let rows: Matrix
    var form = RowForm(dispatch: .f32, combine: .f32)
    var common: [CommonVisits] = []
    /// Outputs of the common experts come from the coordinator.
    var computesCommonHere = false
    var outputBias: [Float]?
    var outputScale: Float = 1

    /// A random plan: experts on one to four ranks, weights on either side, drops in every other.
    init(seed: Int) throws {
        var samples = Samples(seed: seed)
        let experts = samples.integer(1...9)
        plan = samples.plan(
            tokens: samples.integer(1...30),
            experts: experts,
            topK: samples.integer(1...min(3, experts)),
            drops: seed % 2 == 0,
            weightTarget: seed % 3 == 0 ? .input : .output
        )
        let policy: PlacementPolicy = seed % 3 == 0 ? .roundRobin : .contiguous
        placement = try policy.layerPlacement(experts: experts, ranks: samples.integer(1...min(4, experts)))
        rows = samples.matrix(rows: 2 * plan.tokens, columns: [1, 3, 16, 33, 130][samples.integer(0...4)])
    }

    init(plan: DispatchPlan, placement: LayerPlacement, rows: Matrix) {
        self.plan = plan
        self.placement = placement
        self.rows = rows
    }

    /// The common experts that the ranks hold.
    var onRanks: [CommonVisits] { computesCommonHere ? [] : common }

    var task: ChunkTask {
        let sources = SourceRanks(tokens: plan.tokens, ranks: placement.ranks)
        return ChunkTask(plan: plan, slots: SlotPlan(plan, placement: placement), common: onRanks, sources: sources)
    }

    /// No further experts; a plain one; a weighed one and one that reads rows of its own; here or on the ranks.
    mutating func addCommon(seed: Int) {
        var samples = Samples(seed: 1000 + seed)
        if seed % 4 == 1 { common = [CommonVisits()] }
        if seed % 4 > 1 {
            let weights = (0..<plan.tokens).map { _ in samples.number() }
            common = [CommonVisits(weights: weights), CommonVisits(firstRow: plan.tokens)]
            outputBias = (0..<rows.columns).map { _ in samples.number() }
            outputScale = 0.75
        }
        computesCommonHere = seed % 8 > 4
    }

    /// What stands for expert e; the common ones stand behind the routed.
    func expert(_ index: Int, _ input: [Float]) -> [Float] {
        input.map { $0 * (1 + 0.37 * Float(index)) - 0.11 * Float(index) }
    }

    /// What comes out of a row that travels.
    static func travelled(_ row: [Float], _ dtype: DType) -> [Float] {
        let bytes = RowEncoding.encode(row, as: dtype)
        return unsafe bytes.withUnsafeBytes { unsafe decoded(Array($0), at: 0, row.count, dtype) }
    }

    /// The row of `columns` values that stands at `offset`.
    static func decoded(_ bytes: [UInt8], at offset: Int, _ columns: Int, _ dtype: DType) -> [Float] {
        var row = [Float](repeating: 0, count: columns)
        let count = RowEncoding.byteCount(columns: columns, as: dtype)
        unsafe bytes[offset..<offset + count].withUnsafeBytes { source in
            unsafe row.withUnsafeMutableBufferPointer { unsafe RowEncoding.decode(source, from: dtype, into: $0) }
        }
        return row
    }
}
