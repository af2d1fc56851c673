internal import Cluster
internal import Tensors

/// The inputs and outputs of one layer, kept to be checked or saved.
struct KeptLayer: Sendable {
    let step: Int
    let layer: Int
    /// The rows that router and experts read.
    let input: LayerInput
    /// The router's input and decision.
    let routed: RoutedBatch
    /// The visits of the tokens to the common experts.
    let common: [CommonVisits]
    /// The layer's output before the residual connection.
    let combined: CombinedLayer
    /// True when the gate's logits are x Wg^T of this model, and not given by the workload.
    let logitsAreModels: Bool
}

extension KeptLayer {
    /// Join the layers of a step's micro-batches, `[micro-batch][layer]`, into the layers of the whole step.
    ///
    /// - Parameter routed: the routing of all tokens, one per layer.
    static func joined(_ parts: [[KeptLayer]], routed: [RoutedBatch]) -> [KeptLayer] {
        guard parts.count > 1 else { return parts[0] }
        return parts[0].indices.map { layer in
            let own = parts.map { $0[layer] }
            return KeptLayer(
                step: own[0].step,
                layer: own[0].layer,
                input: LayerInput.joined(own.map(\.input)),
                routed: routed[layer],
                common: visits(own),
                combined: CombinedLayer(
                    output: Matrix.joined(own.map(\.combined.output)),
                    common: own[0].combined.common.indices.map { index in
                        Matrix.joined(own.map { $0.combined.common[index] })
                    }
                ),
                logitsAreModels: own[0].logitsAreModels
            )
        }
    }

    private static func visits(_ parts: [KeptLayer]) -> [CommonVisits] {
        let tokens = parts.reduce(0) { $0 + $1.input.tokens.rows }
        return parts[0].common.indices.map { index in
            let own = parts.map { $0.common[index] }
            return CommonVisits(
                firstRow: own[0].firstRow == 0 ? 0 : tokens,
                weights: own[0].weights == nil ? nil : own.flatMap { $0.weights ?? [] }
            )
        }
    }
}

extension LayerInput {
    /// Join the inputs of consecutive runs of tokens into one input.
    fileprivate static func joined(_ parts: [LayerInput]) -> LayerInput {
        let tokens = Matrix.joined(parts.map(\.tokens))
        guard parts[0].firstDenseRow > 0 else { return LayerInput(tokens: tokens) }
        return LayerInput(
            tokens: tokens,
            dense: Matrix.joined(parts.map { $0.rows.slice(rows: $0.firstDenseRow..<$0.rows.rows) })
        )
    }
}

/// The rows that router and experts of a layer read.
struct LayerInput: Sendable {
    /// The rows that router and routed experts read, `[tokens, hidden]`.
    let tokens: Matrix
    /// All rows that experts read, `[rows, hidden]`: the tokens, and behind them the rows of the dense network, if
    /// different.
    let rows: Matrix
    /// The row that the dense network reads for token 0.
    let firstDenseRow: Int

    /// The input of a layer: the rows of the tokens and, if they differ, those of the dense network.
    ///
    /// - Parameter dense: the rows that the dense network reads, or nil when it reads the tokens.
    init(tokens: Matrix, dense: Matrix? = nil) {
        self.tokens = tokens
        firstDenseRow = dense == nil ? 0 : tokens.rows
        guard let dense else {
            rows = tokens
            return
        }
        rows = Matrix(rows: 2 * tokens.rows, columns: tokens.columns, values: tokens.values + dense.values)
    }
}
