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
    /// Dtype of outputs: F32, or BF16 rounded once from single precision.
    public let outputType: DType

    private let products: ExpertProducts
    private let arena: WeightArena
    private let gated: AlignedBuffer
    private let inner: AlignedBuffer

    /// Prepares products for experts of `shape`, which have weights.
    public init(
        compute: ComputeEngine,
        shape: ExpertShape,
        dtype: DType,
        outputType: DType = .f32
    ) throws(ComputeError) {
        self.shape = shape
        self.dtype = dtype
        self.outputType = outputType
        arena = compute.arena
        products = try ExpertProducts(compute: compute, shape: shape, dtype: dtype, outputType: outputType)
        // Pages that no block has reached yet take no memory.
        let scratch = Self.scratch(shape, dtype)
        gated = unsafe AlignedBuffer(uninitializedByteCount: scratch.gated)
        inner = unsafe AlignedBuffer(uninitializedByteCount: scratch.inner)
    }

    /// What oneDNN calls the implementations that it chose, without repetition.
    public var implementations: [String] {
        Array(Set(products.all.map(\.implementation))).sorted()
    }

    /// Bytes that the inner activations of a block take at most.
    public static func scratchByteCount(_ shape: ExpertShape, dtype: DType) -> Int {
        let scratch = scratch(shape, dtype)
        return scratch.gated + scratch.inner
    }

    private static func scratch(_ shape: ExpertShape, _ dtype: DType) -> (gated: Int, inner: Int) {
        let values = RowBlock.most * shape.ffn
        return (shape.activation.isGated ? values * DType.f32.byteCount : 0, values * dtype.byteCount)
    }

    /// Makes what small numbers of rows need, so that none of it is made while time is measured.
    public func prepare() throws(ComputeError) {
        for product in products.all { try product.prepare() }
    }

    /// Packs the weights of one expert.
    public func pack(_ parameters: ExpertParameters) throws(ComputeError) -> PackedExpert {
        guard parameters.shape == shape else {
            throw ComputeError("weights of shape \(parameters.shape) for a kernel of shape \(shape)")
        }
        var packedGate: PackedWeights?
        let biases = parameters.biases
        if let gate = products.gate, let weights = parameters.gate {
            packedGate = try gate.pack(weights, bias: biases?.gate, in: arena)
        }
        return PackedExpert(
            gate: packedGate,
            up: try products.up.pack(parameters.up, bias: biases?.up, in: arena),
            down: try products.down.pack(parameters.down, bias: biases?.down, in: arena)
        )
    }

    /// Applies one expert to `rows` tokens, in blocks (see `RowBlock`).
    ///
    /// - Parameters:
    ///   - expert: packed weights.
    ///   - rows: number of tokens, at least 1.
    ///   - input: `rows * hidden` values of ``dtype``, on an address that fits them.
    ///   - output: room for `rows * hidden` values of ``outputType``.
    @unsafe
    public func run(
        _ expert: PackedExpert,
        rows: Int,
        input: UnsafeRawPointer,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        let size = RowBlock.size(for: rows)
        for first in stride(from: 0, to: rows, by: size) {
            let count = min(size, rows - first)
            let source = unsafe input + first * shape.hidden * dtype.byteCount
            if let gate = products.gate, let weights = expert.gate {
                unsafe try gate.run(rows: count, input: source, weights: weights, output: gated.start)
            }
            unsafe try products.up.run(
                rows: count,
                input: source,
                weights: expert.up,
                factor: UnsafeRawPointer(gated.start),
                output: inner.start
            )
            let target = unsafe output + first * shape.hidden * outputType.byteCount
            unsafe try products.down.run(
                rows: count,
                input: UnsafeRawPointer(inner.start),
                weights: expert.down,
                output: target
            )
        }
    }
}
