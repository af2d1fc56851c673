internal import COneDNN
internal import MoE
internal import Tensors

/// [m, inputs] x [inputs, outputs] for m up to ``RowBlock/size``, with weights packed once, a bias if it has one, and
/// something fused behind the product.
///
/// One packed copy serves every m: that the layout does not depend on m is checked for each m.
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
    private var primitives: [Int: ProductPrimitive] = [:]

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
        implementation = try primitive(rows: RowBlock.size).implementation
    }

    /// Reorders a row-major `[outputs, inputs]` single-precision matrix into the layout of this product.
    ///
    /// - Parameter bias: `[outputs]`, given exactly when the product has a bias.
    func pack(_ weights: [Float], bias: [Float]? = nil) throws(ComputeError) -> PackedWeights {
        guard weights.count == inputs * outputs else {
            throw ComputeError("\(weights.count) weights for a matrix of \(outputs) x \(inputs)")
        }
        guard (bias?.count ?? 0) == (hasBias ? outputs : 0) else {
            throw ComputeError("\(bias?.count ?? 0) biases for \(hasBias ? outputs : 0)")
        }
        let stored = try MemoryDescriptor.transposed(inputs, outputs, .f32)
        let packed = try primitive(rows: RowBlock.size).weights
        return try PackedWeights(compute: compute, values: weights, bias: bias, stored: stored, packed: packed)
    }

    /// Compiles the products for all row counts, so that none has to be compiled while time is measured.
    func prepare() throws(ComputeError) {
        for rows in 1...RowBlock.size { _ = try primitive(rows: rows) }
    }

    /// Multiplies `rows` rows.
    ///
    /// - Parameters:
    ///   - rows: number of rows, 1 to ``RowBlock/size``.
    ///   - input: `rows * inputs` values of `inputType`.
    ///   - weights: what ``pack(_:)`` returned.
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
        if let known = primitives[rows] { return known }
        let made = try ProductPrimitive(
            compute: compute,
            input: MemoryDescriptor.rowMajor(rows, inputs, inputType),
            weights: MemoryDescriptor.anyLayout(inputs, outputs, inputType),
            bias: hasBias ? MemoryDescriptor.rowMajor(1, outputs, .f32) : nil,
            output: MemoryDescriptor.rowMajor(rows, outputs, outputType),
            factor: MemoryDescriptor.rowMajor(rows, outputs, .f32),
            postOperations: postOperations
        )
        if let first = primitives.first?.value, !first.takesSameWeights(as: made) {
            throw ComputeError("oneDNN wants another weight layout for \(rows) rows than for other row counts")
        }
        primitives[rows] = made
        return made
    }
}
