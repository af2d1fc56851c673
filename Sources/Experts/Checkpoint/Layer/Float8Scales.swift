/// The block scales beside a matrix of F8_E4M3, as DeepSeek-V3 stores them: one single per 128 x 128 values, to be
/// multiplied with.
///
/// Source: DeepSeek-V3's README on weights, 'FP8 weight documentation', and its `inference/kernel.py`,
/// `weight_dequant`.
enum Float8Scales {
    /// The suffix by which the scales' name differs from that of the matrix.
    static let suffix = "_scale_inv"
    /// Rows and columns of a block; the last ones may be cut off.
    static let blockWidth = 128

    /// The number of blocks that cover `width` rows or columns.
    static func blocks(_ width: Int) -> Int {
        (width + blockWidth - 1) / blockWidth
    }

    /// Multiply a matrix `[rows, columns]` with its scales `[blocks(rows), blocks(columns)]`.
    static func apply(_ scales: [Float], to values: inout [Float], columns: Int) {
        let perRow = blocks(columns)
        unsafe values.withUnsafeMutableBufferPointer { values in
            for row in 0..<values.count / columns {
                for block in 0..<perRow {
                    let scale = scales[row / blockWidth * perRow + block]
                    let start = row * columns + block * blockWidth
                    let end = min(start + blockWidth, (row + 1) * columns)
                    for index in start..<end { unsafe values[index] *= scale }
                }
            }
        }
    }
}
