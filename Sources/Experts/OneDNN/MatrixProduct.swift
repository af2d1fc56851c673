internal import COneDNN
internal import MoE
internal import Tensors

/// [m, inputs] x [inputs, outputs] for m up to `RowBlock.most`, with weights packed once, a bias if it has one, and
/// something fused behind the product.
///
/// One packed copy serves every m: that the layout does not depend on m is checked for each m. Each m has a primitive of
/// its own, made when it is first needed (0.2 ms, 0.1 MB) and kept as long as it is among the most recently used ones.
final class MatrixProduct {
    let inputs: Int
    let outputs: Int
    let inputType: DType
    let outputType: DType
    /// What oneDNN calls the implementation that it chose, for example `brg:avx512_core_bf16`.
    private(set) var implementation = ""

    private let compute: ComputeEngine
    private let hasBias: Bool
    private let postOperations: [PostOperation]
    private var primitives = RecentPrimitives()
    private var packed: ProductPrimitive?

    init(
        compute: ComputeEngine,
        inputs: Int,
        outputs: Int,
        inputType: DType,
        outputType: DType = .f32,
        hasBias: Bool = false,
        postOperations: [PostOperation] = []
    ) throws(ComputeError) {
        self.compute = compute
        self.inputs = inputs
        self.outputs = outputs
        self.inputType = inputType
        self.outputType = outputType
        self.hasBias = hasBias
        self.postOperations = postOperations
        let first = try primitive(rows: 1)
        packed = first
        implementation = first.implementation
    }

    /// Reorders a row-major `[outputs, inputs]` single-precision matrix into the layout of this product.
    ///
    /// - Parameters:
    ///   - bias: `[outputs]`, given exactly when the product has a bias.
    ///   - arena: where the packed weights will lie.
    func pack(
        _ weights: [Float],
        bias: [Float]? = nil,
        in arena: WeightArena
    ) throws(ComputeError) -> PackedWeights {
        guard weights.count == inputs * outputs else {
            throw ComputeError("\(weights.count) weights for a matrix of \(outputs) x \(inputs)")
        }
        guard (bias?.count ?? 0) == (hasBias ? outputs : 0) else {
            throw ComputeError("\(bias?.count ?? 0) biases for \(hasBias ? outputs : 0)")
        }
        let stored = try MemoryDescriptor.transposed(inputs, outputs, .f32)
        guard let packed = packed?.weights else { throw ComputeError("a product without a primitive") }
        return try PackedWeights(
            compute: compute,
            arena: arena,
            values: weights,
            bias: bias,
            stored: stored,
            packed: packed
        )
    }

    /// Makes the primitives of small row counts, where making one would take longer than running it.
    func prepare() throws(ComputeError) {
        for rows in 1...32 { _ = try primitive(rows: rows) }
    }

    /// Multiplies `rows` rows.
    ///
    /// - Parameters:
    ///   - rows: number of rows, 1 to `RowBlock.most`.
    ///   - input: `rows * inputs` values of `inputType`.
    ///   - weights: what ``pack(_:bias:in:)`` returned.
    ///   - factor: `rows * outputs` singles, read when a post-operation multiplies by a matrix.
    ///   - output: room for `rows * outputs` values of `outputType`.
    @unsafe
    func run(
        rows: Int,
        input: UnsafeRawPointer,
        weights: PackedWeights,
        factor: UnsafeRawPointer? = nil,
        output: UnsafeMutableRawPointer
    ) throws(ComputeError) {
        let primitive = try primitive(rows: rows)
        unsafe try primitive.run(
            stream: compute.stream,
            input: input,
            weights: weights,
            factor: factor,
            output: output
        )
    }

    private func primitive(rows: Int) throws(ComputeError) -> ProductPrimitive {
        if let known = primitives.find(rows: rows) { return known }
        let made = try ProductPrimitive(
            compute: compute,
            input: MemoryDescriptor.rowMajor(rows, inputs, inputType),
            weights: MemoryDescriptor.anyLayout(inputs, outputs, inputType),
            bias: hasBias ? MemoryDescriptor.rowMajor(1, outputs, .f32) : nil,
            output: MemoryDescriptor.rowMajor(rows, outputs, outputType),
            factor: MemoryDescriptor.rowMajor(rows, outputs, .f32),
            postOperations: postOperations
        )
        if let packed, !packed.takesSameWeights(as: made) {
            throw ComputeError("oneDNN wants another weight layout for \(rows) rows than for other row counts")
        }
        primitives.insert(made, rows: rows)
        return made
    }
}
