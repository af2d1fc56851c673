internal import COneDNN
internal import Tensors

/// Makers of oneDNN's memory descriptors: shape, type and layout of a matrix or a vector.
enum MemoryDescriptor {
    /// The descriptor of a dense row-major matrix `[rows, columns]`.
    static func rowMajor(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([rows, columns], dtype, dnnl_ab)
    }

    /// The descriptor of the transpose of a dense row-major matrix `[columns, rows]`: a stored `[out, in]` weight seen
    /// as `[in, out]`.
    static func transposed(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([rows, columns], dtype, dnnl_ba)
    }

    /// The descriptor of a matrix in whatever layout the primitive prefers.
    static func anyLayout(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([rows, columns], dtype, dnnl_format_tag_any)
    }

    /// The descriptor of a dense row-major matrix as an image of one line: a row is a pixel, a column a channel.
    static func pixels(_ rows: Int, _ columns: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([1, columns, 1, rows], dtype, dnnl_acdb)
    }

    /// The descriptor of a dense row-major matrix `[outputs, inputs]` as filters of one pixel.
    static func filters(_ outputs: Int, _ inputs: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([outputs, inputs, 1, 1], dtype, dnnl_abcd)
    }

    /// The descriptor of filters of one pixel in whatever layout the primitive prefers.
    static func anyFilters(_ outputs: Int, _ inputs: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([outputs, inputs, 1, 1], dtype, dnnl_format_tag_any)
    }

    /// The descriptor of a vector of `count` numbers.
    static func vector(_ count: Int, _ dtype: DType) throws(ComputeError) -> dnnl_memory_desc_t {
        try tagged([count], dtype, dnnl_a)
    }

    private static func tagged(
        _ dimensions: [Int],
        _ dtype: DType,
        _ tag: dnnl_format_tag_t
    ) throws(ComputeError) -> dnnl_memory_desc_t {
        var descriptor = dnnl_memory_desc_t()
        let type = try dataType(dtype)
        try ComputeError.check(
            unsafe dnnl_memory_desc_init_by_tag(
                &descriptor,
                Int32(dimensions.count),
                dimensions.map(Int64.init),
                type,
                tag
            ),
            "memory_desc_init_by_tag(\(dimensions.map(String.init).joined(separator: " x ")))"
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
