internal import MoE
internal import Tensors

/// What the products of an expert need beside rows and weights, one product at a time.
///
/// Pages that no product has reached yet take no memory.
final class ProductScratch {
    /// Bytes of weights that are converted at a time: what the second-level cache holds beside rows.
    private static let windowBytes = 1 << 20

    /// Rows as singles, `[RowBlock.most, columns]`.
    let input: AlignedBuffer
    /// Results before they are rounded, `[RowBlock.most, columns]`.
    let output: AlignedBuffer
    /// The same of a block of columns.
    let blockOutput: AlignedBuffer
    /// The factor of a block of columns.
    let blockFactor: AlignedBuffer

    /// - Parameter columns: the widest row of inputs or outputs.
    init(columns: Int) {
        let bytes = Self.bufferByteCount(columns: columns)
        input = unsafe AlignedBuffer(uninitializedByteCount: bytes)
        output = unsafe AlignedBuffer(uninitializedByteCount: bytes)
        blockOutput = unsafe AlignedBuffer(uninitializedByteCount: bytes)
        blockFactor = unsafe AlignedBuffer(uninitializedByteCount: bytes)
    }

    /// Bytes that are used at most.
    static func byteCount(columns: Int) -> Int { 4 * bufferByteCount(columns: columns) + 2 * windowBytes }

    /// Columns of a matrix that are converted at a time: a multiple of what any kernel computes together.
    static func blockColumns(inputs: Int) -> Int {
        max(64, windowBytes / (inputs * DType.f32.byteCount) / 64 * 64)
    }

    private static func bufferByteCount(columns: Int) -> Int { RowBlock.most * columns * DType.f32.byteCount }
}
