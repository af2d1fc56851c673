internal import MoE
public import Tensors

/// The memory that the products of an expert need beside rows and weights, used by one product at a time.
///
/// Pages that no product has reached yet take no memory.
final class ProductScratch {
    /// The target for the bytes of weights that are converted at a time: as many as the second-level cache holds beside
    /// rows.
    private static let windowBytes = 1 << 20
    /// The lower limit of the columns that are converted at a time: the number that any kernel computes together.
    private static let fewestColumns = 64

    /// Input rows widened to singles, `[RowBlock.most, columns]`.
    let input: AlignedBuffer
    /// Results before they are rounded, `[RowBlock.most, columns]`.
    let output: AlignedBuffer
    /// Results of one block of columns, before they are copied to their places.
    let blockOutput: AlignedBuffer
    /// The columns of the factor matrix that belong to one block of columns.
    let blockFactor: AlignedBuffer
    private var window: WeightArena.Piece?

    /// Allocate the scratch memory for the products of an expert.
    ///
    /// - Parameter columns: the widest row of inputs or outputs.
    init(columns: Int) {
        let bytes = Self.bufferByteCount(columns: columns)
        input = unsafe AlignedBuffer(uninitializedByteCount: bytes)
        output = unsafe AlignedBuffer(uninitializedByteCount: bytes)
        blockOutput = unsafe AlignedBuffer(uninitializedByteCount: bytes)
        blockFactor = unsafe AlignedBuffer(uninitializedByteCount: bytes)
    }

    /// The upper limit of the bytes of scratch memory in use, for rows of up to `columns` numbers.
    static func byteCount(columns: Int) -> Int {
        // Beside its own, three of each padded block; and one window that another, larger one replaced.
        7 * bufferByteCount(columns: columns) + 2 * max(windowBytes, fewestColumns * columns * DType.f32.byteCount)
    }

    /// The memory in which a block of columns is widened: shared by products, one at a time.
    func window(byteCount: Int) -> WeightArena.Piece {
        if let window, window.block.byteCount >= byteCount { return window }
        let block = unsafe AlignedBuffer(uninitializedByteCount: byteCount)
        let made = WeightArena.Piece(block: block, offset: 0, byteCount: byteCount)
        window = made
        return made
    }

    /// Columns of a matrix that are converted at a time.
    static func blockColumns(inputs: Int) -> Int {
        max(fewestColumns, windowBytes / (inputs * DType.f32.byteCount) / fewestColumns * fewestColumns)
    }

    private static func bufferByteCount(columns: Int) -> Int { RowBlock.most * columns * DType.f32.byteCount }
}

/// A linear map of tokens in single precision on oneDNN: x W^T + b with W `[outputs, inputs]`, as a router's gate is.
public final class Projection {
    private let product: RowProduct
    private let weights: HeldWeights

    /// Pack `matrix`, `[outputs, inputs]`, and `bias`, `[outputs]`, if there is one.
    public init(compute: ComputeEngine, matrix: Matrix, bias: [Float]? = nil) throws(ComputeError) {
        // The standard form, which knows no work: so a routing is the same wherever and for whatever it is made.
        let shape = ProductShape(inputs: matrix.columns, outputs: matrix.rows, dtype: .f32, work: .hundreds)
        product = try RowProduct(
            compute: compute,
            shape: shape,
            outputType: .f32,
            fused: RowProduct.Fused(hasBias: bias != nil),
            form: nil,
            scratch: ProductScratch(columns: 0)
        )
        weights = try product.pack(matrix.values, bias: bias)
    }

    /// Map tokens `[tokens, inputs]` to `[tokens, outputs]`.
    public func callAsFunction(_ tokens: Matrix) throws(ComputeError) -> Matrix {
        let (inputs, outputs) = (product.shape.inputs, product.shape.outputs)
        var result = Matrix(rows: tokens.rows, columns: outputs)
        let product = product
        let weights = weights
        try unsafe tokens.values.withUnsafeBufferPointer { (input) throws(ComputeError) in
            try unsafe result.values.withUnsafeMutableBufferPointer { (output) throws(ComputeError) in
                guard let from = input.baseAddress, let to = output.baseAddress else { return }
                let size = RowBlock.size(for: tokens.rows, height: product.form.blockRows)
                for first in stride(from: 0, to: tokens.rows, by: size) {
                    unsafe try product.run(
                        rows: min(size, tokens.rows - first),
                        input: from + first * inputs,
                        weights: weights,
                        output: to + first * outputs
                    )
                }
            }
        }
        return result
    }
}
