internal import Cluster
internal import Tensors
internal import Workloads

/// A range of a step's tokens that passes through all layers separately from the step's other tokens.
final class MicroBatch {
    /// The number of the micro-batch in the step.
    let index: Int
    /// The index of the micro-batch's first token in the step.
    let firstToken: Int
    /// The residual stream, `[tokens, hidden]`.
    var stream: Matrix
    /// The source of the router's choices; the hidden states are in ``stream`` alone.
    let gate: GateSource
    let tokenIDs: [Int32]?
    let sequenceLengths: [Int]?

    /// The layer that the micro-batch is in, or nil between layers.
    var pending: PendingLayer?
    var observations: [ExchangeObservation] = []
    /// The inputs and outputs of each layer so far; empty when layers are not kept.
    var keptLayers: [KeptLayer] = []

    private init(_ batch: WorkloadBatch, index: Int, firstToken: Int) {
        self.index = index
        self.firstToken = firstToken
        stream = batch.hidden
        gate = batch.gate
        tokenIDs = batch.tokenIDs
        sequenceLengths = batch.sequenceLengths
    }

    /// Cut a step into `count` micro-batches of nearly equal size, none of them empty.
    static func cut(_ batch: consuming WorkloadBatch, into count: Int) -> [MicroBatch] {
        let tokens = batch.hidden.rows
        guard count > 1, tokens > 1 else { return [MicroBatch(batch, index: 0, firstToken: 0)] }
        let bounds = (0...count).map { $0 * tokens / count }
        return (0..<count).map { index in
            let range = bounds[index]..<bounds[index + 1]
            return MicroBatch(batch.tokens(range), index: index, firstToken: range.lowerBound)
        }
    }

    /// The input of a layer's router beside the hidden states: token ids, sequence lengths, and given logits or
    /// choices.
    func routerInput(layer: Int) -> RouterInput {
        let gate: LayerGateInput =
            switch gate {
            case .model: .model
            case .logits(let layers): .logits(layers[layer])
            case .recorded(let layers): .recorded(layers[layer])
            }
        let outline = StepOutline(tokens: stream.rows, tokenIDs: tokenIDs, sequenceLengths: sequenceLengths)
        return RouterInput(outline: outline, gate: gate)
    }

    /// Combine a chunk of the layer that is under way.
    ///
    /// - Parameter finishes: false while the coordinator's own experts are still to be added.
    func combine(_ chunk: ChunkInFlight, finishes: Bool) {
        guard var layer = pending.take() else { return }
        unsafe layer.combiner.combine(
            chunk.chunk,
            outputs: chunk.outputs,
            input: layer.work.input?.rows,
            stream: &stream,
            kept: &layer.kept,
            finishes: finishes
        )
        // It holds its frames, and with them their bytes.
        withExtendedLifetime(chunk) {}
        pending = layer
    }

    /// End the current layer of the micro-batch: keep its observations and, when layers are kept, its inputs and
    /// outputs.
    func endLayer() {
        guard let layer = pending.take() else { return }
        observations.append(layer.observation)
        if let kept = layer.kept(logitsAreModels: gate == .model) { keptLayers.append(kept) }
    }

    /// Add the outputs of the coordinator's own experts, unweighted, to the layer that is under way.
    func finish(adding outputs: [Matrix]) {
        guard var layer = pending.take(), var kept = layer.kept.take() else { return }
        let parts = zip(outputs, layer.work.visits).map { $0.weighted(by: $1) }
        layer.combiner.finish(adding: parts, stream: &stream, kept: &kept)
        layer.kept = kept
        pending = layer
    }
}

extension Matrix {
    /// The matrix with the row of each token times the token's weight in `visits`.
    fileprivate func weighted(by visits: CommonVisits) -> Matrix {
        guard visits.weights != nil else { return self }
        var result = Matrix(rows: rows, columns: columns)
        for token in 0..<rows { result.add(visits.weight(ofToken: token), values, at: token * columns, toRow: token) }
        return result
    }
}
