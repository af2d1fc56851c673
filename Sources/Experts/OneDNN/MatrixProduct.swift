internal import COneDNN
internal import MoE
internal import Tensors

/// [m, inputs] x [inputs, outputs] for m up to `RowBlock.most`, with weights packed once, a bias if it has one, and
/// something fused behind the product.
///
/// The operation is the first of ``ProductOperation`` that gives a row the same bits beside any other rows. One packed copy
/// serves every m: that the layout does not depend on m is checked for each m. Each m has a primitive of its own, made when it is first needed (0.2 ms, 0.1 MB) and kept as long as it is among the most recently used ones.
final class MatrixProduct {
    let inputs: Int
    let outputs: Int
    let inputType: DType
    let outputType: DType
    /// What oneDNN calls the implementation that it chose, for example `brg:avx512_core_bf16`.
    let implementation: String
    /// Whether a row has the same bits whatever rows stand beside it.
    let keepsBits: Bool

    private let compute: ComputeEngine
    private let operation: ProductOperation
    private let hasBias: Bool
    private let postOperations: [PostOperation]
    private var primitives = RecentPrimitives()
    private let packed: ProductPrimitive

    /// - Throws: ``ComputeError`` where this processor has no such products.
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
        let shape = (inputs, outputs, inputType, outputType)
        var found: (operation: ProductOperation, primitive: ProductPrimitive)?
        var failure: ComputeError?
        for operation in ProductOperation.allCases {
            do {
                let made = try Self.primitive(compute, operation, rows: 1, shape, hasBias, postOperations)
                if found == nil || operation.keepsBits(made.implementation) { found = (operation, made) }
                if operation.keepsBits(made.implementation) { break }
            } catch {
                guard error.isUnimplemented else { throw error }
                failure = failure ?? error
            }
        }
        guard let found else { throw failure ?? ComputeError("oneDNN has no product") }
        operation = found.operation
        packed = found.primitive
        implementation = packed.implementation
        keepsBits = operation.keepsBits(implementation)
        primitives.insert(packed, rows: 1)
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
        return try PackedWeights(
            compute: compute,
            arena: arena,
            values: weights,
            bias: bias,
            biasLayout: operation.bias(outputs: outputs),
            stored: operation.storedWeights(inputs: inputs, outputs: outputs),
            packed: packed.weights
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
        let shape = (inputs, outputs, inputType, outputType)
        let made = try Self.primitive(compute, operation, rows: rows, shape, hasBias, postOperations)
        guard packed.takesSameWeights(as: made), made.implementation == implementation else {
            throw ComputeError(
                "oneDNN wants another weight layout or kernel for \(rows) rows than for other row counts"
            )
        }
        primitives.insert(made, rows: rows)
        return made
    }

    private static func primitive(
        _ compute: ComputeEngine,
        _ operation: ProductOperation,
        rows: Int,
        _ shape: (inputs: Int, outputs: Int, inputType: DType, outputType: DType),
        _ hasBias: Bool,
        _ postOperations: [PostOperation]
    ) throws(ComputeError) -> ProductPrimitive {
        try ProductPrimitive(
            compute: compute,
            operation: operation,
            input: operation.rows(rows, shape.inputs, shape.inputType),
            weights: operation.weights(inputs: shape.inputs, outputs: shape.outputs, shape.inputType),
            bias: hasBias ? operation.bias(outputs: shape.outputs) : nil,
            output: operation.rows(rows, shape.outputs, shape.outputType),
            factor: operation.rows(rows, shape.outputs, .f32),
            postOperations: postOperations
        )
    }
}
