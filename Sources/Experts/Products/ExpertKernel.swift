public import MoE
public import Tensors

/// A kernel on oneDNN for feed-forward experts of one shape: two or three products, the activation fused into them.
///
/// gated: down(act(gate(x)) * up(x)); else down(act(up(x))); each product with its bias where the shape has biases.
/// Inputs, weights and the inner activation have the compute dtype; sums and biases are single precision. Each product
/// has the form that was chosen for it, else the first that gives a row the same bits beside any other rows.
public final class ExpertKernel {
    /// Shape of the experts.
    public let shape: ExpertShape
    /// Dtype of inputs and weights: F32 or BF16.
    public let dtype: DType
    /// Dtype of outputs: F32, or BF16 rounded once from single precision.
    public let outputType: DType
    /// The class of an expert's number of rows.
    public let work: WorkClass

    private let products: ExpertProducts
    private let gated: AlignedBuffer
    private let inner: AlignedBuffer
    /// The number of rows that the gate and up products need in a block, or nil where any number is allowed.
    private let height: Int?

    /// Prepare products for experts of `shape`, which have weights.
    ///
    /// - Parameter forms: the forms that were chosen by measurement.
    public init(
        compute: ComputeEngine,
        shape: ExpertShape,
        dtype: DType,
        outputType: DType = .f32,
        work: WorkClass = .hundreds,
        forms: ProductForms = ProductForms()
    ) throws(ComputeError) {
        self.shape = shape
        self.dtype = dtype
        self.outputType = outputType
        self.work = work
        products = try ExpertProducts(
            compute: compute,
            shape: shape,
            dtype: dtype,
            outputType: outputType,
            work: work,
            forms: forms,
            scratch: ProductScratch(columns: max(shape.hidden, shape.ffn))
        )
        height = products.up.form.blockRows
        // Pages that no block has reached yet take no memory.
        let inner = Self.innerByteCount(shape)
        gated = unsafe AlignedBuffer(uninitializedByteCount: shape.activation.isGated ? inner : 0)
        self.inner = unsafe AlignedBuffer(uninitializedByteCount: inner)
    }

    /// Whether a row has the same bits whatever rows stand beside it.
    public var keepsBits: Bool { products.keepBits }

    /// Whether numbers are multiplied in another type than ``dtype``.
    public var isConverting: Bool { products.all.contains { $0.form.holding != .own } }

    /// The names of the oneDNN implementations, each once; where numbers are converted for one of them, its name says
    /// so.
    public var implementations: [String] { Array(Set(products.all.map(\.implementation))).sorted() }

    /// The upper limit of the bytes of scratch memory for a block: inner activations and converted rows.
    public static func scratchByteCount(_ shape: ExpertShape) -> Int {
        (shape.matrixCount - 1) * innerByteCount(shape)
            + ProductScratch.byteCount(columns: max(shape.hidden, shape.ffn))
    }

    private static func innerByteCount(_ shape: ExpertShape) -> Int {
        RowBlock.most * shape.ffn * DType.f32.byteCount
    }

    /// Make the primitives of small numbers of rows, so that none of them is made while time is measured.
    public func prepare() throws(ComputeError) {
        for product in products.all { try product.prepare() }
    }

    /// Pack the weights of one expert.
    public func pack(_ parameters: ExpertParameters) throws(ComputeError) -> PackedExpert {
        guard parameters.shape == shape else {
            throw ComputeError("weights of shape \(parameters.shape) for a kernel of shape \(shape)")
        }
        var packedGate: HeldWeights?
        let biases = parameters.biases
        if let gate = products.gate, let weights = parameters.gate {
            packedGate = try gate.pack(weights, bias: biases?.gate)
        }
        return PackedExpert(
            gate: packedGate,
            up: try products.up.pack(parameters.up, bias: biases?.up),
            down: try products.down.pack(parameters.down, bias: biases?.down)
        )
    }

    /// Apply one expert to `rows` tokens, in blocks (see `RowBlock`).
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
        let size = RowBlock.size(for: rows, height: height)
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
        if let gate = products.gate, let weights = expert.gate {
            unsafe try gate.run(rows: rows, input: input, weights: weights, output: gated.start)
        }
        unsafe try products.up.run(
            rows: rows,
            input: input,
            weights: expert.up,
            // Without a gate nothing multiplies, and there is no room for a factor.
            factor: products.gate == nil ? nil : UnsafeRawPointer(gated.start),
            output: inner.start
        )
        unsafe try products.down.run(
            rows: rows,
            input: UnsafeRawPointer(inner.start),
            weights: expert.down,
            output: output
        )
    }
}

/// The products of experts of one shape, the activation fused into them.
struct ExpertProducts {
    /// The gate product, or nil when the activation has no gate.
    let gate: RowProduct?
    let up: RowProduct
    let down: RowProduct

    /// Create the products of experts of one shape, each in its chosen form.
    ///
    /// - Parameter forms: the forms that were chosen.
    init(
        compute: ComputeEngine,
        shape: ExpertShape,
        dtype: DType,
        outputType: DType,
        work: WorkClass,
        forms: ProductForms,
        scratch: ProductScratch
    ) throws(ComputeError) {
        let chain = ActivationChain(shape.activation, clamp: shape.clamp)
        let products = shape.products(dtype, work)
        func product(
            _ product: ProductShape,
            _ outputType: DType,
            _ operations: [PostOperation]
        ) throws(ComputeError) -> RowProduct {
            try RowProduct(
                compute: compute,
                shape: product,
                outputType: outputType,
                fused: RowProduct.Fused(hasBias: shape.hasBiases, postOperations: operations),
                form: forms[product],
                scratch: scratch
            )
        }
        gate = try chain.gate.map { (operations) throws(ComputeError) in try product(products.up, .f32, operations) }
        up = try product(products.up, dtype, chain.up)
        down = try product(products.down, outputType, [])
    }

    /// Whether a row has the same bits whatever rows stand beside it.
    var keepBits: Bool { all.allSatisfy(\.keepsBits) }

    var all: [RowProduct] { [gate, up, down].compactMap(\.self) }
}

/// One expert's weights, packed for an ``ExpertKernel``.
public final class PackedExpert {
    let gate: HeldWeights?
    let up: HeldWeights
    let down: HeldWeights

    init(gate: HeldWeights?, up: HeldWeights, down: HeldWeights) {
        self.gate = gate
        self.up = up
        self.down = down
    }

    /// Bytes that the packed matrices and the biases take.
    public var byteCount: Int {
        (gate?.byteCount ?? 0) + up.byteCount + down.byteCount
    }
}
