extension RowEncoding {
    /// Adds `weight` times one encoded row to `sum`: product and sum are each rounded to a single, as in
    /// `sum[i] += weight * x[i]`.
    ///
    /// - Parameters:
    ///   - row: `sum.count` values, F32 or BF16.
    ///   - sum: `[columns]`.
    @unsafe
    public static func accumulate(
        weight: Float,
        _ row: UnsafeRawBufferPointer,
        from dtype: DType,
        into sum: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(row.count >= byteCount(columns: sum.count, as: dtype), "the row is too short")
        guard let from = row.baseAddress, let into = sum.baseAddress else { return }
        switch dtype {
        case .f32:
            for index in 0..<sum.count {
                let value = unsafe from.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
                unsafe into[index] += weight * value
            }
        case .bf16: unsafe BFloat16.accumulate(weight: weight, from, count: sum.count, into: into)
        default: preconditionFailure("rows are summed as F32 or BF16, not \(dtype.rawValue)")
        }
    }
}
