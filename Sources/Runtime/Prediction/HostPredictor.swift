internal import Cluster
internal import CostModel
import MoE
import Placement
internal import Records
internal import Tensors

/// The predictor of the step times of a live run on a host, from the loads that the run recorded.
struct HostPredictor {
    private let setup: SessionSetup
    private let model: HostModel
    private let chunkSize: ChunkSize
    private let sentRowBytes: Int
    private let replyRowBytes: Int

    init(_ setup: SessionSetup, profile: HostProfile, computesLogits: Bool) {
        self.setup = setup
        chunkSize = ChunkSize(setup)
        sentRowBytes = RowEncoding.byteCount(columns: setup.model.hidden, as: setup.form.dispatch)
        replyRowBytes = RowEncoding.byteCount(columns: setup.model.hidden, as: setup.form.combine)
        model = HostModel(
            profile: profile,
            stack: HostStack(
                model: setup.model,
                arithmetic: setup.computeType == .f32 ? .f32 : .bf16,
                dispatch: HostStack.RowType(bytes: Double(sentRowBytes), isSingle: setup.form.dispatch == .f32),
                combine: HostStack.RowType(bytes: Double(replyRowBytes), isSingle: setup.form.combine == .f32),
                weighsOnRanks: setup.form.carriesWeights,
                normalizes: setup.normalizesInput,
                computesLogits: computesLogits,
                sharesOnCoordinator: setup.ownExperts != nil,
                workers: setup.placement.ranks,
                threads: setup.threads,
                depth: StepBounds.chunksOut
            )
        )
    }

    /// The predicted mean step.
    ///
    /// - Parameters:
    ///   - steps: the measured steps, at least one.
    ///   - warmup: the number of warm-up steps; as many of the last steps are simulated first, so that their products
    ///     are set up.
    func prediction(of steps: [StepRecord], warmup: Int) -> HostPrediction {
        var memory = model.memory
        func times(_ step: StepRecord) -> [HostLayerTimes] {
            step.layers.map { model.times(layer($0, tokens: step.tokens), &memory) }
        }
        for step in steps.suffix(warmup) { _ = times(step) }
        return HostPrediction(hardware: model.profile.name, steps: steps.map(times))
    }

    private func layer(_ record: LayerRecord, tokens: Int) -> HostLayer {
        let placement = setup.placement[record.layer]
        let rows = placement.copies(ofExperts: Array(record.placedCopies), ofRanks: record.ranks.map(\.copies))
        let ranks = record.ranks.map { rank in
            HostLayer.Rank(
                expertRows: rows[placement.slotNumbers(onRank: rank.rank)].filter { $0 > 0 },
                sharedRows: Double(rank.sharedTokens) / Double(max(setup.model.commonExperts.count, 1)),
                sentRows: Double(rank.dispatchBytes) / Double(sentRowBytes),
                replyRows: Double(rank.combineBytes) / Double(replyRowBytes)
            )
        }
        return HostLayer(tokens: Double(tokens), chunks: chunks(record, tokens), ranks: ranks)
    }

    /// The number of chunks of a layer, from the size of a chunk or the credit of the busiest rank.
    private func chunks(_ record: LayerRecord, _ tokens: Int) -> Int {
        let copies = record.expertCopies.reduce(0, +) + record.expertDropped.reduce(0, +)
        let size = chunkSize.tokens(copiesPerToken: max(1, copies / max(tokens, 1)))
        let most = record.ranks.map { ($0.copies + $0.sharedTokens) * (sentRowBytes + replyRowBytes) }.max() ?? 0
        return max((tokens + size - 1) / size, 2 * most / max(setup.creditBytes, 1) + 1)
    }
}
