public import MoE
import Tensors

/// Recorded routing of a real model, replayed: step s takes tokens s·T..<(s + 1)·T of the trace, round and round.
///
/// The hidden states are seeded numbers, because a trace holds none; each token of the trace always has the same.
public struct TraceWorkload: Workload {
    private let trace: TraceTensors
    private let rows: CyclicRows
    private let layers: Int
    private let experts: Int
    private let hidden: SeededHiddenStates

    /// Opens a trace and checks all of its choices for the layers of the model.
    ///
    /// - Parameters:
    ///   - path: a .safetensors or .npy file with `topk_ids` [token, layer, k] and, if recorded, `topk_weights`; or with
    ///     `layers.<l>.topk_index` [token, k] and `layers.<l>.topk_weight`, as epsim saves them.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: its layers must be in the trace, the trace's experts in the model.
    ///   - topK: choices per token of the router, k, which must be the trace's.
    ///   - seed: the seed of the hidden states.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, too few layers, another k, an expert that the model
    ///   has not, an expert twice for one token, or a weight that is not finite.
    public init(
        path: String,
        tokensPerStep: Int,
        model: ModelShape,
        topK: Int,
        seed: UInt64
    ) throws(WorkloadError) {
        do {
            trace = try TraceTensors(openTensorFile(path))
        } catch {
            throw WorkloadError(error)
        }
        layers = model.layers
        experts = model.experts
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        rows = CyclicRows(count: trace.tokens, perStep: tokensPerStep)
        try checkShape(topK: topK)
        for piece in rows.allPieces { _ = try choices(piece) }
    }

    /// What a report says about it.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .trace,
            source: fileName(trace.path),
            distinctTokens: rows.count,
            tokensPerStep: rows.perStep
        )
    }

    /// The tokens of one step.
    ///
    /// - Throws: ``WorkloadError`` when the file has been changed since it was checked.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        var experts = [[Int32]](repeating: [], count: layers)
        var weights = [[Float]](repeating: [], count: layers)
        let pieces = rows.pieces(step: step)
        for piece in pieces {
            for (layer, record) in try choices(piece).enumerated() {
                experts[layer] += record.experts
                weights[layer] += record.weights ?? []
            }
        }
        let records = zip(experts, weights).map { experts, weights in
            RecordedChoices(
                choicesPerToken: trace.choices,
                experts: experts,
                weights: weights.isEmpty ? nil : weights
            )
        }
        return WorkloadBatch(hidden: hidden.rows(pieces.flatMap { Array($0) }), gate: .recorded(records))
    }

    private func choices(_ rows: Range<Int>) throws(WorkloadError) -> [RecordedChoices] {
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
