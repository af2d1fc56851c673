internal import Basics
internal import Tensors

/// The scales beside a matrix of F8_E4M3, to be multiplied with: one single for the whole matrix, a row or a block.
///
/// Sources: DeepSeek-V3's README on weights, 'FP8 weight documentation', and its `inference/kernel.py`,
/// `weight_dequant`; transformers 5.24, `integrations/finegrained_fp8.py`; compressed-tensors, `dequantize`.
struct Float8Scales {
    /// The side of a block where nothing says another, in values.
    private static let usualSide = 128

    /// The scales, `[rows of blocks, columns of blocks]` for each matrix of a stack, or one for all of them.
    let view: TensorView
    /// Columns of the matrix as it is stored.
    private let width: Int
    /// Rows and columns of a block.
    private let rows, columns: Int
    private let blockRows, blockColumns: Int
    /// Whether one set of scales is that of all matrices of a stack.
    private let isCommon: Bool

    /// Check that the scales of a matrix, or of a stack of them, have the shape that belongs to it.
    ///
    /// - Parameters:
    ///   - view: the scales.
    ///   - shape: that of the matrix or the stack.
    ///   - isTransposed: whether a matrix is stored `[in, out]`.
    /// - Throws: ``CheckpointError`` when they have another shape, or are no real numbers.
    init(
        _ view: TensorView,
        of shape: [Int],
        _ granularity: Quantization.Granularity,
        isTransposed: Bool
    ) throws(CheckpointError) {
        let (height, width) = (shape[shape.count - 2], shape[shape.count - 1])
        let outputs = isTransposed ? width : height
        let stack = Array(shape.dropLast(2))
        let ofRows = [stack + [outputs], stack + (isTransposed ? [1, outputs] : [outputs, 1])]
        let ofMatrix = [[], [1], stack, stack + [1, 1]]
        let rowBlock = isTransposed ? (height, 1) : (1, width)
        func ofBlocks(_ rows: Int, _ columns: Int) -> [Int] {
            stack + [Self.blocks(height, rows), Self.blocks(width, columns)]
        }
        let allowed: [[Int]]
        var (rows, columns) = rowBlock
        switch granularity {
        case .matrix:
            (rows, columns) = (height, width)
            allowed = ofMatrix
        case .row:
            allowed = ofRows
        case .block(let blockHeight, let blockWidth):
            guard !isTransposed || blockHeight == blockWidth else {
                let message = "belongs to a matrix stored [in, out], for which only square blocks are read"
                throw CheckpointError(path: view.path, tensor: view.name, message: message)
            }
            (rows, columns) = (blockHeight, blockWidth)
            allowed = [ofBlocks(rows, columns)]
        case .byShape:
            let usual = ofBlocks(Self.usualSide, Self.usualSide)
            allowed = [usual] + ofMatrix + ofRows
            if view.shape == usual {
                (rows, columns) = (Self.usualSide, Self.usualSide)
            } else if ofMatrix.contains(view.shape) {
                (rows, columns) = (height, width)
            }
        }
        guard allowed.contains(view.shape) else {
            let distinct = allowed.enumerated().filter { !allowed.prefix($0.offset).contains($0.element) }
            let shapes = distinct.map { "\($0.element)" }.joined(separator: " or ")
            let unit = Self.words(granularity)
            let message = "has shape \(view.shape); expected \(shapes), one scale for \(unit) of \(shape)"
            throw CheckpointError(path: view.path, tensor: view.name, message: message)
        }
        guard view.dtype.isFloatingPoint, view.dtype != .f8e4m3 else {
            let message = "is \(view.dtype.rawValue); scales are F64, F32, F16 or BF16"
            throw CheckpointError(path: view.path, tensor: view.name, message: message)
        }
        // A block may be larger than the matrix.
        (rows, columns) = (max(1, min(rows, height)), max(1, min(columns, width)))
        (blockRows, blockColumns) = (Self.blocks(height, rows), Self.blocks(width, columns))
        isCommon = view.shape.reduce(1, *) == blockRows * blockColumns
        (self.view, self.width, self.rows, self.columns) = (view, width, rows, columns)
    }

    private static func words(_ granularity: Quantization.Granularity) -> String {
        switch granularity {
        case .matrix: "each matrix"
        case .row: "each output"
        case .block(let rows, let columns): "each block of \(rows) x \(columns) values"
        case .byShape: "each block of \(usualSide) x \(usualSide) values, each matrix or each output"
        }
    }

    /// The number of blocks that cover `width` rows or columns.
    private static func blocks(_ width: Int, _ side: Int) -> Int {
        width / side + (width % side == 0 ? 0 : 1)
    }

    /// Throw when a scale of one matrix is not finite.
    func checkFinite(of matrix: Int, reader: TensorReader) throws(CheckpointError) {
        try reader.checkFinite(view.flat, rows: scales(of: matrix))
    }

    /// The scales of one matrix, as elements.
    private func scales(of matrix: Int) -> Range<Int> {
        let count = blockRows * blockColumns
        let start = isCommon ? 0 : matrix * count
        return start..<start + count
    }

    /// Multiply one matrix, stored `[rows, columns]`, with its scales.
    ///
    /// - Parameter matrix: the number of the matrix in its stack.
    func apply(to values: inout [Float], of matrix: Int, reader: TensorReader) throws(CheckpointError) {
        // Scales may stand in one dimension or more.
        let scales = try reader.floats(view.flat, rows: scales(of: matrix))
        unsafe values.withUnsafeMutableBufferPointer { values in
            for row in 0..<values.count / max(1, width) {
                for block in 0..<blockColumns {
                    let scale = scales[row / rows * blockColumns + block]
                    let start = row * width + block * columns
                    let end = min(start + columns, (row + 1) * width)
                    for index in start..<end { unsafe values[index] *= scale }
                }
            }
        }
    }
}
