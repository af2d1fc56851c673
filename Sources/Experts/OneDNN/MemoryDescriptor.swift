internal import COneDNN
internal import Tensors

/// Shapes and layouts in oneDNN's terms.
enum MemoryDescriptor {
    /// A dense row-major matrix.
    static func rowMajor(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged(rows, columns, dtype, dnnl_ab)
    }

    /// The transpose of a dense row-major matrix `[columns, rows]`: how a stored `[out, in]` weight looks as `[in, out]`.
    static func transposed(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged(rows, columns, dtype, dnnl_ba)
    }

    /// A matrix in whatever layout the primitive likes best.
    static func anyLayout(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged(rows, columns, dtype, dnnl_format_tag_any)
    }

    private static func tagged(
        _ rows: Int,
        _ columns: Int,
        _ dtype: DType,
        _ tag: dnnl_format_tag_t
    ) throws(ComputeError) -> dnnl_memory_desc_t {
        var descriptor = dnnl_memory_desc_t()
        let dimensions: [Int64] = [Int64(rows), Int64(columns)]
        let type = try dataType(dtype)
        try ComputeError.check(
            unsafe dnnl_memory_desc_init_by_tag(&descriptor, 2, dimensions, type, tag),
            "memory_desc_init_by_tag(\(rows) x \(columns))"
        )
        return descriptor
    }

    private static func dataType(_ dtype: DType) throws(ComputeError) -> dnnl_data_type_t {
        switch dtype {
        case .f32: return dnnl_f32
        case .bf16: return dnnl_bf16
        default: throw ComputeError("products take F32 or BF16, not \(dtype.rawValue)")
        }
    }
}
