internal import MoE
internal import Tensors

/// The products of experts of one shape, the activation fused into them.
struct ExpertProducts {
    /// Behind it, or nil when the activation has no gate.
    let gate: MatrixProduct?
    let up: MatrixProduct
    let down: MatrixProduct

    init(
        compute: ComputeEngine,
        shape: ExpertShape,
        dtype: DType,
        outputType: DType
    ) throws(ComputeError) {
        let chain = ActivationChain(shape.activation)
        gate = try chain.gate.map { (operations) throws(ComputeError) in
            try MatrixProduct(
                compute: compute,
                inputs: shape.hidden,
                outputs: shape.ffn,
                inputType: dtype,
                hasBias: shape.hasBiases,
                postOperations: operations
            )
        }
        up = try MatrixProduct(
            compute: compute,
            inputs: shape.hidden,
            outputs: shape.ffn,
            inputType: dtype,
            outputType: dtype,
            hasBias: shape.hasBiases,
            postOperations: chain.up
        )
        down = try MatrixProduct(
            compute: compute,
            inputs: shape.ffn,
            outputs: shape.hidden,
            inputType: dtype,
            outputType: outputType,
            hasBias: shape.hasBiases
        )
    }

    /// Whether a row has the same bits whatever rows stand beside it.
    var keepBits: Bool { all.allSatisfy(\.keepsBits) }

    var all: [MatrixProduct] { [gate, up, down].compactMap(\.self) }
}
