import Basics
public import MoE
import Tensors

/// Recorded routing of a real model, replayed: step s takes tokens s·T..<(s + 1)·T of the trace, round and round.
///
/// The hidden states are seeded numbers, because a trace holds none; each token of the trace always has the same.
public struct TraceWorkload: Workload {
    private let trace: RoutingTrace
    private let rows: CyclicRows
    private let labels: TokenLabels
    private let layers: Int
    private let experts: Int
    private let hidden: SeededHiddenStates

    /// Open a trace and check all of its choices for the layers of the model.
    ///
    /// A choice of -1 is none: such a token has fewer than k. The file's `sequence_lengths`, and the vocabulary ids
    /// in `token_ids` or `input_ids`, are read where they are there.
    ///
    /// - Parameters:
    ///   - path: a .safetensors, .npz or .npy file with `topk_ids` [token, layer, k] and, if recorded, `topk_weights`; or
    ///     with `layers.<l>.topk_index` [token, k] and `layers.<l>.topk_weight`, as epsim saves them.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: its layers must be in the trace, the trace's experts in the model.
    ///   - topK: choices per token of the router, k, which must be the trace's.
    ///   - seed: the seed of the hidden states.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     the sequences of the file, or one sequence where it names none.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, too few layers, another k, an expert that the model
    ///   has not, an expert twice for one token, a weight that is not finite, or ids or sequences that are not those of
    ///   its tokens.
    public init(
        path: String,
        tokensPerStep: Int,
        model: ModelShape,
        topK: Int,
        seed: UInt64,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        do {
            let file = try openTensorFile(path)
            trace = try RoutingTrace(file)
            labels = try TokenLabels(file, tokens: trace.tokens, sequenceTokens: sequenceTokens)
        } catch {
            throw WorkloadError(error)
        }
        layers = model.layers
        experts = model.experts
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        rows = CyclicRows(count: trace.tokens, perStep: tokensPerStep)
        try checkShape(topK: topK)
        for piece in rows.allPieces { _ = try choices(piece, layers: 0..<layers) }
    }

    /// The summary of the workload for reports.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .trace,
            source: Folder.name(of: trace.path),
            distinctTokens: rows.count,
            tokensPerStep: rows.perStep
        )
    }

    /// The number of occurrences of each vocabulary id in the file, `[vocabulary]`; nil where tokens have none.
    public var tokenFrequencies: [Double]? { labels.frequencies }

    /// The tokens of one step.
    ///
    /// - Throws: ``WorkloadError`` when the file has been changed since it was checked.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        let pieces = rows.pieces(step: step)
        let records = try choices(pieces, layers: 0..<layers)
        var batch = WorkloadBatch(hidden: hidden.rows(pieces.flatMap { Array($0) }), gate: .recorded(records))
        labels.label(&batch, rows: rows, step: step)
        return batch
    }

    /// The tokens of one step without their hidden states.
    public func outline(step: Int) throws(WorkloadError) -> StepOutline {
        StepOutline(
            tokens: rows.perStep,
            tokenIDs: labels.ids(of: rows.pieces(step: step).joined()),
            sequenceLengths: labels.lengths(rows: rows, step: step)
        )
    }

    /// The recorded choices of one layer.
    public func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput {
        .recorded(try choices(rows.pieces(step: step), layers: layer..<layer + 1)[0])
    }

    /// The choices of the tokens in some ranges of the trace, one record per layer.
    private func choices(_ pieces: [Range<Int>], layers: Range<Int>) throws(WorkloadError) -> [RecordedChoices] {
        var experts = [[Int32]](repeating: [], count: layers.count)
        var weights = [[Float]](repeating: [], count: layers.count)
        for piece in pieces {
            for (index, record) in try choices(piece, layers: layers).enumerated() {
                experts[index] += record.experts
                weights[index] += record.weights ?? []
            }
        }
        return zip(experts, weights).map { experts, weights in
            RecordedChoices(
                choicesPerToken: trace.choices,
                experts: experts,
                weights: weights.isEmpty ? nil : weights
            )
        }
    }

    private func choices(_ rows: Range<Int>, layers: Range<Int>) throws(WorkloadError) -> [RecordedChoices] {
        do {
            return try trace.choices(rows: rows, layers: layers, experts: experts)
        } catch {
            throw WorkloadError(error)
        }
    }

    private func checkShape(topK: Int) throws(WorkloadError) {
        guard layers <= trace.layers else {
            let message =
                "holds \(trace.layers) layers, but model.layers is \(layers); at most \(trace.layers) are allowed"
            throw WorkloadError(file: trace.path, message: message)
        }
        guard topK == trace.choices else {
            let found = "holds \(trace.choices) choices per token, but router.top_k is \(topK)"
            throw WorkloadError(file: trace.path, message: "\(found); router.top_k must be \(trace.choices)")
        }
    }
}
