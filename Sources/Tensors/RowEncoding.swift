/// Token rows as the bytes that travel: singles as they are, or rounded to bfloat16.
public enum RowEncoding {
    /// Encodes values in `dtype` (F32 or BF16) into a new buffer.
    public static func encode(_ values: [Float], as dtype: DType) -> AlignedBuffer {
        let buffer = AlignedBuffer(byteCount: values.count * dtype.byteCount)
        unsafe values.withUnsafeBufferPointer { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe encode(source, as: dtype, into: target)
            }
        }
        return buffer
    }

    /// Encodes `source` into the first `source.count * dtype.byteCount` bytes of `target`, which may be unaligned.
    @unsafe
    public static func encode(
        _ source: UnsafeBufferPointer<Float>,
        as dtype: DType,
        into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= source.count * dtype.byteCount, "the target is too small")
        switch dtype {
        case .f32:
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(source))
        case .bf16:
            for index in 0..<source.count {
                let bits = unsafe BFloat16(source[index]).bitPattern
                unsafe target.storeBytes(of: bits, toByteOffset: index * 2, as: UInt16.self)
            }
        default:
            preconditionFailure("rows travel as F32 or BF16, not \(dtype.rawValue)")
        }
    }

    /// Decodes `target.count` values of `dtype` (F32 or BF16) from `source`, which may be unaligned.
    @unsafe
    public static func decode(
        _ source: UnsafeRawBufferPointer,
        from dtype: DType,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(source.count >= target.count * dtype.byteCount, "the source is too small")
        switch dtype {
        case .f32:
            unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: source[..<(target.count * 4)])
            )
        case .bf16:
            for index in 0..<target.count {
                let bits = unsafe source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                unsafe target[index] = BFloat16(bitPattern: bits).float
            }
        default:
            preconditionFailure("rows travel as F32 or BF16, not \(dtype.rawValue)")
        }
    }
}
