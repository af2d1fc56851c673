public import MoE
public import Tensors

/// Runs feed-forward experts of one shape on oneDNN: two or three products, the activation fused into them.
///
/// gated: down(act(gate(x)) * up(x)); else down(act(up(x))); each product with its bias where the shape has biases.
/// Inputs, weights and the inner activation have the compute dtype; sums and biases are single precision.
public final class ExpertKernel {
    /// Shape of the experts.
    public let shape: ExpertShape
    /// Dtype of inputs and weights: F32 or BF16.
    public let dtype: DType

    private let gate: MatrixProduct?
    private let up: MatrixProduct
    private let down: MatrixProduct
    private let gated: AlignedBuffer
    private let inner: AlignedBuffer

    /// Prepares products for experts of `shape`.
    public init(compute: ComputeEngine, shape: ExpertShape, dtype: DType) throws(ComputeError) {
        self.shape = shape
        self.dtype = dtype
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
            hasBias: shape.hasBiases
        )
        gated = AlignedBuffer(byteCount: RowBlock.size * shape.ffn * DType.f32.byteCount)
        inner = AlignedBuffer(byteCount: RowBlock.size * shape.ffn * dtype.byteCount)
        for product in [gate, up, down] { try product?.prepare() }
    }

    /// What oneDNN calls the implementations that it chose, without repetition.
    public var implementations: [String] {
        Array(Set([gate, up, down].compactMap { $0?.implementation })).sorted()
    }

    /// Packs the weights of one expert.
    public func pack(_ parameters: ExpertParameters) throws(ComputeError) -> PackedExpert {
        guard parameters.shape == shape else {
            throw ComputeError("weights of shape \(parameters.shape) for a kernel of shape \(shape)")
        }
        var packedGate: PackedWeights?
        let biases = parameters.biases
        if let gate, let weights = parameters.gate { packedGate = try gate.pack(weights, bias: biases?.gate) }
        return PackedExpert(
            gate: packedGate,
            up: try up.pack(parameters.up, bias: biases?.up),
            down: try down.pack(parameters.down, bias: biases?.down)
        )
    }

    /// Applies one expert to `rows` tokens.
    ///
    /// - Parameters:
    ///   - expert: packed weights.
    ///   - rows: number of tokens, at least 1.
    ///   - input: `rows * hidden` values of ``dtype``.
    ///   - output: room for `rows * hidden` singles.
    @unsafe
    public func run(
        _ expert: PackedExpert,
        rows: Int,
        input: UnsafeRawPointer,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        let gated = gated
        let inner = inner
        try unsafe gated.withUnsafeMutableBytes { (gatedBytes) throws(ComputeError) in
            try unsafe inner.withUnsafeMutableBytes { (innerBytes) throws(ComputeError) in
                guard let gatedStart = gatedBytes.baseAddress, let innerStart = innerBytes.baseAddress else { return }
                for first in stride(from: 0, to: rows, by: RowBlock.size) {
                    unsafe try runBlock(
                        expert,
                        rows: min(RowBlock.size, rows - first),
                        input: input + first * shape.hidden * dtype.byteCount,
                        gated: gatedStart,
                        inner: innerStart,
                        output: output + first * shape.hidden * DType.f32.byteCount
                    )
                }
            }
        }
    }

    @unsafe
    private func runBlock(
        _ expert: PackedExpert,
        rows: Int,
        input: UnsafeRawPointer,
        gated: UnsafeMutableRawPointer,
        inner: UnsafeMutableRawPointer,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        if let gate, let weights = expert.gate {
            unsafe try gate.run(rows: rows, input: input, weights: weights, output: gated)
        }
        unsafe try up.run(rows: rows, input: input, weights: expert.up, factor: gated, output: inner)
        unsafe try down.run(rows: rows, input: inner, weights: expert.down, output: output)
    }
}
