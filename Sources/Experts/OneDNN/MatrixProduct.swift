internal import COneDNN
internal import MoE
internal import Tensors

/// The product [m, inputs] x [inputs, outputs] for m up to `RowBlock.most`, with weights packed once, a bias if it has
/// one, and post-operations fused behind it.
///
/// One packed copy serves every m: that the layout does not depend on m is checked for each m. Each m has a primitive
/// of its own, made when it is first needed (0.2 ms, 0.1 MB) and kept as long as it is among the most recently used
/// ones; a product of fixed height has one, and pads its last block.
final class MatrixProduct {
    let inputs: Int
    let outputs: Int
    let inputType: DType
    let outputType: DType
    /// The name of the implementation that oneDNN chose, for example `brg:avx512_core_bf16`.
    let implementation: String
    /// Whether a row has the same bits whatever rows stand beside it.
    let keepsBits: Bool

    private let compute: ComputeEngine
    private let operation: ProductForm.Operation
    private let hasBias: Bool
    private let postOperations: [PostOperation]
    private var primitives = RecentPrimitives()
    private let packed: ProductPrimitive
    private let block: PaddedBlock?

    /// Create a product of given widths and types.
    ///
    /// - Parameters:
    ///   - operation: the oneDNN operation that computes the product.
    ///   - blockRows: the fixed height, at most `RowBlock.most`, if there is one.
    /// - Throws: ``ComputeError`` where this processor has no such products.
    init(
        compute: ComputeEngine,
        inputs: Int,
        outputs: Int,
        inputType: DType,
        outputType: DType = .f32,
        hasBias: Bool = false,
        postOperations: [PostOperation] = [],
        operation: ProductForm.Operation,
        blockRows: Int? = nil
    ) throws(ComputeError) {
        self.compute = compute
        self.inputs = inputs
        self.outputs = outputs
        self.inputType = inputType
        self.outputType = outputType
        self.hasBias = hasBias
        self.postOperations = postOperations
        self.operation = operation
        let shape = (inputs, outputs, inputType, outputType)
        packed = try Self.primitive(compute, operation, rows: blockRows ?? 1, shape, hasBias, postOperations)
        implementation = packed.implementation
        keepsBits = blockRows != nil || operation.keepsBits(implementation)
        let takesFactor = packed.takesFactor
        block = blockRows.map { rows in
            PaddedBlock(
                rows: rows,
                inputBytes: inputs * inputType.byteCount,
                factorBytes: takesFactor ? outputs * DType.f32.byteCount : 0,
                outputBytes: outputs * outputType.byteCount
            )
        }
        primitives.insert(packed, rows: blockRows ?? 1)
    }

    /// Bytes of the packed matrix.
    var packedByteCount: Int { packed.weightByteCount }

    /// Reorder a row-major `[outputs, inputs]` single-precision matrix into the layout of this product.
    ///
    /// - Parameters:
    ///   - bias: `[outputs]`, given exactly when the product has a bias.
    ///   - storage: room for ``packedByteCount`` bytes, where the packed weights will lie.
    func pack(
        _ weights: [Float],
        bias: [Float]? = nil,
        in storage: WeightArena.Piece
    ) throws(ComputeError) -> PackedWeights {
        guard weights.count == inputs * outputs else {
            throw ComputeError("\(weights.count) weights for a matrix of \(outputs) x \(inputs)")
        }
        guard (bias?.count ?? 0) == (hasBias ? outputs : 0) else {
            throw ComputeError("\(bias?.count ?? 0) biases for \(hasBias ? outputs : 0)")
        }
        return try PackedWeights(
            compute: compute,
            storage: storage,
            values: weights,
            bias: bias,
            biasLayout: operation.bias(outputs: outputs),
            stored: operation.storedWeights(inputs: inputs, outputs: outputs),
            packed: packed.weights
        )
    }

    /// Make the primitives of small row counts, where making one would take longer than running it.
    func prepare() throws(ComputeError) {
        guard block == nil else { return }
        for rows in 1...32 { _ = try primitive(rows: rows) }
    }

    /// Throw unless one packed copy and one kernel serve all of the given numbers of rows.
    func check(heights: [Int]) throws(ComputeError) {
        guard block == nil else { return }
        for rows in heights { _ = try primitive(rows: rows) }
    }

    /// Multiply `rows` rows of the input with packed weights, and write the results to `output`.
    ///
    /// - Parameters:
    ///   - rows: number of rows, 1 to `RowBlock.most`.
    ///   - input: `rows * inputs` values of `inputType`.
    ///   - weights: the weights that ``pack(_:bias:in:)`` returned.
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
        guard let block else {
            return unsafe try runBlock(rows, input, weights, factor, output)
        }
        try unsafe block.forEach(rows: rows, input: input, factor: factor, output: output) {
            (input, factor, output) throws(ComputeError) in
            unsafe try runBlock(block.rows, input, weights, factor, output)
        }
    }

    @unsafe
    private func runBlock(
        _ rows: Int,
        _ input: UnsafeRawPointer,
        _ weights: PackedWeights,
        _ factor: UnsafeRawPointer?,
        _ output: UnsafeMutableRawPointer
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
                "oneDNN wants another weight layout or kernel for \(rows) rows than for other row counts",
                isUnimplemented: true
            )
        }
        primitives.insert(made, rows: rows)
        return made
    }

    private static func primitive(
        _ compute: ComputeEngine,
        _ operation: ProductForm.Operation,
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

/// The cut of rows into blocks of one height. The last block is filled up with rows left there by the block before,
/// which changes no bit of its own rows.
final class PaddedBlock {
    let rows: Int

    private let inputBytes: Int
    private let factorBytes: Int
    private let outputBytes: Int
    private let input: AlignedBuffer
    private let factor: AlignedBuffer
    private let output: AlignedBuffer

    /// Create the buffers of a padded block of `rows` rows.
    ///
    /// - Parameters:
    ///   - rows: the height.
    ///   - inputBytes: bytes of a row of the input; likewise of the factor and the output.
    init(rows: Int, inputBytes: Int, factorBytes: Int, outputBytes: Int) {
        self.rows = rows
        self.inputBytes = inputBytes
        self.factorBytes = factorBytes
        self.outputBytes = outputBytes
        // Zeros at first, because anything else could be numbers that are slow to multiply.
        input = AlignedBuffer(byteCount: rows * inputBytes)
        factor = AlignedBuffer(byteCount: rows * factorBytes)
        output = AlignedBuffer(byteCount: rows * outputBytes)
    }

    /// Call `body` with each block of rows: with its input, factor and output.
    @unsafe
    func forEach(
        rows count: Int,
        input rowInput: UnsafeRawPointer,
        factor rowFactor: UnsafeRawPointer?,
        output rowOutput: UnsafeMutableRawPointer,
        _ body: (UnsafeRawPointer, UnsafeRawPointer?, UnsafeMutableRawPointer) throws(ComputeError) -> Void
    ) throws(ComputeError) {
        let whole = count / rows * rows
        for first in stride(from: 0, to: whole, by: rows) {
            unsafe try body(
                rowInput + first * inputBytes,
                rowFactor.map { unsafe $0 + first * factorBytes },
                rowOutput + first * outputBytes
            )
        }
        let left = count - whole
        guard left > 0 else { return }
        unsafe input.start.copyMemory(from: rowInput + whole * inputBytes, byteCount: left * inputBytes)
        if let rowFactor = unsafe rowFactor {
            unsafe factor.start.copyMemory(from: rowFactor + whole * factorBytes, byteCount: left * factorBytes)
        }
        unsafe try body(
            UnsafeRawPointer(input.start),
            rowFactor.map { _ in unsafe UnsafeRawPointer(factor.start) },
            output.start
        )
        unsafe (rowOutput + whole * outputBytes).copyMemory(from: output.start, byteCount: left * outputBytes)
    }
}

/// An operation that oneDNN applies to a product before it stores it.
enum PostOperation: Equatable {
    /// x * sigmoid(alpha * x).
    case swish(alpha: Float)
    /// GELU by its tanh approximation.
    case geluTanh
    /// max(x, 0).
    case relu
    /// x limited to `lower...upper`.
    case clip(lower: Float, upper: Float)
    /// x + offset.
    case add(Float)
    /// x times a single-precision matrix of the product's own shape.
    case multiplyByMatrix
}
