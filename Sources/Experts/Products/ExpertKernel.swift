public import MoE
public import Tensors

/// Runs feed-forward experts of one shape on oneDNN: two or three products, the activation fused into them.
///
/// gated: down(act(gate(x)) * up(x)); else down(act(up(x))); each product with its bias where the shape has biases.
/// Inputs, weights and the inner activation have the compute dtype; sums and biases are single precision. Where the
/// processor has no bfloat16 products, the rounded numbers are held and multiplied as singles, which is exact but for the
/// order of sums.
public final class ExpertKernel {
    /// Shape of the experts.
    public let shape: ExpertShape
    /// Dtype of inputs and weights: F32 or BF16.
    public let dtype: DType
    /// Dtype of outputs: F32, or BF16 rounded once from single precision.
    public let outputType: DType

    /// Type in which numbers of ``dtype`` are multiplied: itself, or F32 for BF16 without such products.
    private let productType: DType
    private let products: ExpertProducts
    private let arena: WeightArena
    private let widened: AlignedBuffer
    private let singles: AlignedBuffer
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
        productType = try Self.productType(of: dtype, compute: compute)
        products = try ExpertProducts(
            compute: compute,
            shape: shape,
            dtype: productType,
            outputType: productType == dtype ? outputType : .f32
        )
        // Pages that no block has reached yet take no memory.
        let scratch = Self.scratch(shape)
        gated = unsafe AlignedBuffer(uninitializedByteCount: scratch.gated)
        inner = unsafe AlignedBuffer(uninitializedByteCount: scratch.inner)
        let rowBytes = productType == dtype ? 0 : RowBlock.most * shape.hidden * DType.f32.byteCount
        widened = unsafe AlignedBuffer(uninitializedByteCount: rowBytes)
        singles = unsafe AlignedBuffer(uninitializedByteCount: outputType == .f32 ? 0 : rowBytes)
    }

    /// The type in which numbers of `dtype`, F32 or BF16, are held and multiplied on this processor.
    ///
    /// - Throws: ``ComputeError`` when oneDNN fails for another reason than that it has no such product.
    public static func productType(of dtype: DType, compute: ComputeEngine) throws(ComputeError) -> DType {
        guard dtype == .bf16 else { return dtype }
        // Every width has the same kernels.
        do {
            let probe = try MatrixProduct(
                compute: compute,
                inputs: 64,
                outputs: 64,
                inputType: .bf16,
                outputType: .bf16
            )
            return probe.keepsBits ? .bf16 : .f32
        } catch {
            guard error.isUnimplemented else { throw error }
            return .f32
        }
    }

    /// Whether a row has the same bits whatever rows stand beside it.
    public var keepsBits: Bool { products.keepBits }

    /// What oneDNN calls the implementations that it chose, without repetition; where numbers are widened for them, their
    /// name says so.
    public var implementations: [String] {
        let note = productType == dtype ? "" : "(\(dtype.rawValue) as \(productType.rawValue))"
        return Array(Set(products.all.map { $0.implementation + note })).sorted()
    }

    /// Bytes that the activations of a block take at most.
    public static func scratchByteCount(_ shape: ExpertShape) -> Int {
        let scratch = scratch(shape)
        return scratch.gated + scratch.inner + 2 * RowBlock.most * shape.hidden * DType.f32.byteCount
    }

    private static func scratch(_ shape: ExpertShape) -> (gated: Int, inner: Int) {
        let bytes = RowBlock.most * shape.ffn * DType.f32.byteCount
        return (shape.activation.isGated ? bytes : 0, bytes)
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
            packedGate = try gate.pack(held(weights), bias: biases?.gate, in: arena)
        }
        return PackedExpert(
            gate: packedGate,
            up: try products.up.pack(held(parameters.up), bias: biases?.up, in: arena),
            down: try products.down.pack(held(parameters.down), bias: biases?.down, in: arena)
        )
    }

    /// Weights as they are multiplied: rounded to ``dtype`` where the product does not do that.
    private func held(_ weights: [Float]) -> [Float] {
        productType == dtype ? weights : weights.map { BFloat16($0).float }
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
            unsafe try runBlock(
                expert,
                rows: count,
                input: input + first * shape.hidden * dtype.byteCount,
                output: output + first * shape.hidden * outputType.byteCount
            )
        }
    }

    @unsafe
    private func runBlock(
        _ expert: PackedExpert,
        rows: Int,
        input: UnsafeRawPointer,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        guard productType != dtype else {
            return unsafe try runProducts(expert, rows: rows, input: input, output: output)
        }
        let values = rows * shape.hidden
        unsafe BFloat16.widen(input, count: values, into: widened.start.assumingMemoryBound(to: Float.self))
        guard outputType != .f32 else {
            return unsafe try runProducts(expert, rows: rows, input: UnsafeRawPointer(widened.start), output: output)
        }
        unsafe try runProducts(expert, rows: rows, input: UnsafeRawPointer(widened.start), output: singles.start)
        unsafe BFloat16.round(singles.start.assumingMemoryBound(to: Float.self), count: values, into: output)
    }

    /// The products on rows of ``productType``.
    @unsafe
    private func runProducts(
        _ expert: PackedExpert,
        rows: Int,
        input: UnsafeRawPointer,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        if let gate = products.gate, let weights = expert.gate {
            unsafe try gate.run(rows: rows, input: input, weights: weights, output: gated.start)
        }
        unsafe try products.up.run(
            rows: rows,
            input: input,
            weights: expert.up,
            factor: UnsafeRawPointer(gated.start),
            output: inner.start
        )
        if productType != dtype {
            unsafe BFloat16.roundInPlace(inner.start.assumingMemoryBound(to: Float.self), count: rows * shape.ffn)
        }
        unsafe try products.down.run(
            rows: rows,
            input: UnsafeRawPointer(inner.start),
            weights: expert.down,
            output: output
        )
    }
}
