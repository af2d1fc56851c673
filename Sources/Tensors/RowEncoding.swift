/// Token rows as the bytes that travel: singles as they are, rounded to bfloat16, or rounded to float8 in blocks.
///
/// A row in float8 (E4M3) is its values, one byte each, and behind them one single per block of 128 of them: the scale
/// that the block's values are multiplied with. The last block may be shorter. So DeepSeek-V3 dispatches its tokens
/// (arXiv 2412.19437, section 3.3). The scale is max |x| / 448, so that the largest value becomes 448. A block of zeros
/// has scale 1, and no scale is below the least normal single. NaN stays NaN and does not touch its neighbours; an
/// infinity counts as the largest single.
///
/// Rows follow each other without gaps, and neither sources nor targets need alignment.
public enum RowEncoding {
    /// Number of neighbouring values of a row that share a scale in float8.
    public static let blockColumns = 128

    /// Bytes of one row of `columns` values.
    ///
    /// - Precondition: `dtype` is F32, BF16 or F8_E4M3.
    public static func byteCount(columns: Int, as dtype: DType) -> Int {
        switch dtype {
        case .f32, .bf16: columns * dtype.byteCount
        case .f8e4m3: columns + (columns + blockColumns - 1) / blockColumns * MemoryLayout<Float>.size
        default: refuse(dtype)
        }
    }

    /// Encode one row into a new buffer.
    public static func encode(_ values: [Float], as dtype: DType) -> AlignedBuffer {
        let buffer = unsafe AlignedBuffer(uninitializedByteCount: byteCount(columns: values.count, as: dtype))
        unsafe values.withUnsafeBufferPointer { source in
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe encode(source, as: dtype, into: target)
            }
        }
        return buffer
    }

    /// Encode whole rows to the start of `target`.
    ///
    /// - Parameters:
    ///   - source: the values, `[rows * columns]`.
    ///   - columns: values of a row, or nil when all of `source` is one row.
    ///   - dtype: F32, BF16 or F8_E4M3.
    @unsafe
    public static func encode(
        _ source: UnsafeBufferPointer<Float>,
        columns: Int? = nil,
        as dtype: DType,
        into target: UnsafeMutableRawBufferPointer
    ) {
        let rows = rows(of: source.count, columns)
        precondition(
            target.count >= rows.count * byteCount(columns: rows.columns, as: dtype),
            "the target is too small"
        )
        guard let from = source.baseAddress, let into = target.baseAddress else { return }
        switch dtype {
        case .f32: unsafe into.copyMemory(from: from, byteCount: source.count * MemoryLayout<Float>.size)
        case .bf16: unsafe BFloat16.round(from, count: source.count, into: into)
        case .f8e4m3:
            let rowBytes = byteCount(columns: rows.columns, as: dtype)
            for row in 0..<rows.count {
                unsafe Float8Row(columns: rows.columns).encode(from + row * rows.columns, into: into + row * rowBytes)
            }
        default: refuse(dtype)
        }
    }

    /// Decode whole rows from the start of `source`.
    ///
    /// - Parameters:
    ///   - columns: values of a row, or nil when all of `target` is one row.
    ///   - dtype: F32, BF16 or F8_E4M3.
    ///   - target: room for `[rows * columns]` values; all of it is written.
    @unsafe
    public static func decode(
        _ source: UnsafeRawBufferPointer,
        columns: Int? = nil,
        from dtype: DType,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let rows = rows(of: target.count, columns)
        precondition(
            source.count >= rows.count * byteCount(columns: rows.columns, as: dtype),
            "the source is too small"
        )
        guard let from = source.baseAddress, let into = target.baseAddress else { return }
        switch dtype {
        case .f32:
            unsafe UnsafeMutableRawPointer(into)
                .copyMemory(from: from, byteCount: target.count * MemoryLayout<Float>.size)
        case .bf16: unsafe BFloat16.widen(from, count: target.count, into: into)
        case .f8e4m3:
            let rowBytes = byteCount(columns: rows.columns, as: dtype)
            for row in 0..<rows.count {
                unsafe Float8Row(columns: rows.columns).decode(from + row * rowBytes, into: into + row * rows.columns)
            }
        default: refuse(dtype)
        }
    }

    static func refuse(_ dtype: DType) -> Never {
        preconditionFailure("rows travel as F32, BF16 or F8_E4M3, not \(dtype.rawValue)")
    }

    private static func rows(of values: Int, _ columns: Int?) -> (count: Int, columns: Int) {
        guard let columns, values > 0 else { return (1, values) }
        precondition(columns > 0 && values % columns == 0, "\(values) values are no whole rows of \(columns)")
        return (values / columns, columns)
    }
}

extension RowEncoding {
    /// Convert whole rows from one type to another, by way of singles: exact from float8 to singles, rounded once to
    /// anything else.
    ///
    /// - Parameters:
    ///   - source: the rows; its size says how many.
    ///   - columns: values of a row, above 0.
    ///   - scratch: room for one row of singles, which holds anything afterwards.
    ///   - target: room for the rows.
    @unsafe
    public static func convert(
        _ source: UnsafeRawBufferPointer,
        columns: Int,
        from: DType,
        to: DType,
        scratch: UnsafeMutableBufferPointer<Float>,
        into target: UnsafeMutableRawBufferPointer
    ) {
        let sourceBytes = byteCount(columns: columns, as: from)
        let targetBytes = byteCount(columns: columns, as: to)
        precondition(columns > 0 && source.count % sourceBytes == 0, "the source holds no whole rows of \(columns)")
        let rows = source.count / sourceBytes
        precondition(scratch.count >= columns && target.count >= rows * targetBytes, "the target is too small")
        guard from != to else { return unsafe target.copyMemory(from: source) }
        let values = unsafe UnsafeMutableBufferPointer(rebasing: scratch[..<columns])
        for row in 0..<rows {
            let place = row * sourceBytes..<(row + 1) * sourceBytes
            unsafe decode(UnsafeRawBufferPointer(rebasing: source[place]), from: from, into: values)
            let into = unsafe UnsafeMutableRawBufferPointer(rebasing: target[(row * targetBytes)...])
            unsafe encode(UnsafeBufferPointer(values), as: to, into: into)
        }
    }
}

/// One row in float8 with its block scales, as ``RowEncoding`` describes it.
struct Float8Row {
    /// Values of the row.
    let columns: Int

    @unsafe
    func encode(_ source: UnsafePointer<Float>, into target: UnsafeMutableRawPointer) {
        for (block, start) in stride(from: 0, to: columns, by: RowEncoding.blockColumns).enumerated() {
            let count = min(RowEncoding.blockColumns, columns - start)
            let scale = unsafe Self.scale(source + start, count: count)
            unsafe target.storeBytes(of: scale, toByteOffset: columns + 4 * block, as: Float.self)
            for index in start..<start + count {
                let code = unsafe Float8E4M3(source[index] / scale).bitPattern
                unsafe target.storeBytes(of: code, toByteOffset: index, as: UInt8.self)
            }
        }
    }

    @unsafe
    func decode(_ source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>) {
        for (block, start) in stride(from: 0, to: columns, by: RowEncoding.blockColumns).enumerated() {
            let scale = unsafe source.loadUnaligned(fromByteOffset: columns + 4 * block, as: Float.self)
            for index in start..<min(start + RowEncoding.blockColumns, columns) {
                let code = unsafe source.load(fromByteOffset: index, as: UInt8.self)
                unsafe target[index] = Float8E4M3(bitPattern: code).float * scale
            }
        }
    }

    /// The scale of a block, max |x| / 448, found on the bit patterns, which are ordered as magnitudes are.
    @unsafe
    private static func scale(_ block: UnsafePointer<Float>, count: Int) -> Float {
        var largest: Int32 = 0
        for index in 0..<count {
            let bits = unsafe Int32(bitPattern: block[index].bitPattern & 0x7FFF_FFFF)
            // All bits set where the pattern is beyond that of infinity, which is a NaN.
            let isNaN = (0x7F80_0000 &- bits) >> 31
            largest = max(largest, bits & ~isNaN)
        }
        guard largest > 0 else { return 1 }
        let magnitude = min(Float(bitPattern: UInt32(bitPattern: largest)), .greatestFiniteMagnitude)
        return max(magnitude / Float8E4M3.greatestFiniteMagnitude, .leastNormalMagnitude)
    }
}
