/// One tensor of an open file, read row by row; it keeps the file mapped.
///
/// A row is everything under one index of the first dimension.
public struct TensorView: Sendable {
    /// Name, element type and shape.
    public let spec: TensorSpec
    let file: MappedFile
    let byteOffset: Int

    /// A tensor whose data begin at `byteOffset` of the file.
    ///
    /// - Precondition: the caller has checked that `spec.byteCount` is not nil and lies within the file.
    init(spec: TensorSpec, file: MappedFile, byteOffset: Int) {
        self.spec = spec
        self.file = file
        self.byteOffset = byteOffset
    }

    /// The name in the file.
    public var name: String { spec.name }
    /// The file's path.
    public var path: String { file.path }
    /// The type of the elements.
    public var dtype: DType { spec.dtype }
    /// Elements per dimension.
    public var shape: [Int] { spec.shape }
    /// Size of the first dimension; 1 for a single number.
    public var rows: Int { spec.rows }
    /// Elements in one row.
    public var elementsPerRow: Int { shape.dropFirst().reduce(1, *) }

    /// The same elements in one dimension, of which any range can be read.
    public var flat: TensorView {
        let spec = TensorSpec(name: name, dtype: dtype, shape: [shape.reduce(1, *)])
        return TensorView(spec: spec, file: file, byteOffset: byteOffset)
    }

    /// The part under one index of the first dimension, as a tensor of its own with the same name.
    ///
    /// - Precondition: the index is below ``rows``.
    public func part(_ index: Int) -> TensorView {
        precondition((0..<rows).contains(index) && !shape.isEmpty, "part \(index) of \(shape)")
        let spec = TensorSpec(name: name, dtype: dtype, shape: Array(shape.dropFirst()))
        return TensorView(spec: spec, file: file, byteOffset: byteOffset + index * elementsPerRow * dtype.byteCount)
    }

    /// The same elements with the first two dimensions in one.
    ///
    /// - Precondition: there are two.
    public var withJoinedRows: TensorView {
        precondition(shape.count >= 2, "\(shape)")
        let spec = TensorSpec(name: name, dtype: dtype, shape: [shape[0] * shape[1]] + shape.dropFirst(2))
        return TensorView(spec: spec, file: file, byteOffset: byteOffset)
    }

    /// An error about this tensor.
    public func error(_ message: String) -> TensorFileError {
        TensorFileError(path: path, tensor: name, message: message)
    }
}

extension TensorView {
    /// Some rows as singles, `[rows.count * elementsPerRow]`; F64 is rounded to nearest, the others are exact.
    ///
    /// F8_E4M3 is read as it stands; a block scale beside it is for the caller to multiply with.
    ///
    /// - Throws: ``TensorFileError`` when the dtype holds no real numbers, or a row does not exist.
    public func floats(rows: Range<Int>) throws(TensorFileError) -> [Float] {
        try check(rows)
        return switch dtype {
        case .f64: decode(rows, UInt64.self) { Float(Double(bitPattern: $0)) }
        case .f16: decode(rows, UInt16.self) { float(halfPrecision: $0) }
        case .f32, .bf16: decodeRows(rows)
        case .f8e4m3: decode(rows, UInt8.self) { Float8E4M3(bitPattern: $0).float }
        default: throw error("is \(dtype.rawValue); real numbers are read from F64, F32, F16, BF16 and F8_E4M3")
        }
    }

    /// Some rows as integers, `[rows.count * elementsPerRow]`.
    ///
    /// - Throws: ``TensorFileError`` when the dtype is not an integer, a U64 is over 2^63 - 1, or a row does not exist.
    public func integers(rows: Range<Int>) throws(TensorFileError) -> [Int64] {
        try check(rows)
        return switch dtype {
        case .i64: decode(rows, Int64.self) { $0 }
        case .i32: decode(rows, Int32.self) { Int64($0) }
        case .i16: decode(rows, Int16.self) { Int64($0) }
        case .i8: decode(rows, Int8.self) { Int64($0) }
        case .u64: try signed(decode(rows, UInt64.self) { $0 })
        case .u32: decode(rows, UInt32.self) { Int64($0) }
        case .u16: decode(rows, UInt16.self) { Int64($0) }
        case .u8: decode(rows, UInt8.self) { Int64($0) }
        default: throw error("is \(dtype.rawValue); integers are read from I64, I32, I16, I8, U64, U32, U16 and U8")
        }
    }

    /// Some rows as doubles, `[rows.count * elementsPerRow]`, from real numbers or integers; integers are rounded to
    /// nearest.
    ///
    /// - Throws: ``TensorFileError`` when the dtype is not a number, or a row does not exist.
    public func doubles(rows: Range<Int>) throws(TensorFileError) -> [Double] {
        guard dtype.isFloatingPoint else { return try integers(rows: rows).map { Double($0) } }
        try check(rows)
        guard dtype == .f64 else { return try floats(rows: rows).map { Double($0) } }
        return decode(rows, UInt64.self) { Double(bitPattern: $0) }
    }

    /// Some rows as the bytes that stand in the file, `[rows.count * elementsPerRow * dtype.byteCount]`.
    ///
    /// - Throws: ``TensorFileError`` when a row does not exist.
    public func bytes(rows: Range<Int>) throws(TensorFileError) -> [UInt8] {
        try check(rows)
        return file.bytes(in: byteRange(rows))
    }

    /// Give the bytes of some rows, as they stand in the file, for the time of the call.
    ///
    /// - Throws: ``TensorFileError`` when a row does not exist.
    func bits<Result>(
        rows: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(TensorFileError) -> Result {
        try check(rows)
        return unsafe file.withUnsafeBytes(in: byteRange(rows)) { unsafe body($0) }
    }

    /// Release the memory that reading a range of rows took; the rows can be read again.
    ///
    /// - Throws: ``TensorFileError`` when a row does not exist.
    public func releaseMemory(rows: Range<Int>) throws(TensorFileError) {
        try check(rows)
        file.releaseMemory(in: byteRange(rows))
    }

    /// The bytes of the file that hold some rows, which must exist.
    private func byteRange(_ rows: Range<Int>) -> Range<Int> {
        let rowBytes = elementsPerRow * dtype.byteCount
        return byteOffset + rows.lowerBound * rowBytes..<byteOffset + rows.upperBound * rowBytes
    }

    private func check(_ rows: Range<Int>) throws(TensorFileError) {
        guard rows.lowerBound >= 0, rows.upperBound <= self.rows else {
            throw error("has \(self.rows) rows; rows \(rows.lowerBound)..<\(rows.upperBound) were asked for")
        }
    }

    private func signed(_ values: [UInt64]) throws(TensorFileError) -> [Int64] {
        if let large = values.first(where: { $0 > UInt64(Int64.max) }) {
            throw error("holds \(large); integers up to \(Int64.max) are allowed")
        }
        return values.map { Int64($0) }
    }

    /// Read rows of one of the element types in which rows of tokens travel, F32, BF16 or F8_E4M3.
    private func decodeRows(_ rows: Range<Int>) -> [Float] {
        let count = rows.count * elementsPerRow
        return unsafe file.withUnsafeBytes(in: byteRange(rows)) { bytes in
            unsafe [Float](unsafeUninitializedCapacity: count) { values, filled in
                let target = unsafe UnsafeMutableBufferPointer(rebasing: values[..<count])
                unsafe RowEncoding.decode(bytes, from: dtype, into: target)
                filled = count
            }
        }
    }

    /// Read little-endian `Bits`, wherever they stand in the file, and convert each one.
    ///
    /// A plain loop from pointer to pointer, inlined where the conversion is known, becomes vector instructions.
    @inline(__always)
    private func decode<Bits: FixedWidthInteger & BitwiseCopyable, Value: BitwiseCopyable>(
        _ rows: Range<Int>,
        _: Bits.Type,
        _ convert: (Bits) -> Value
    ) -> [Value] {
        let count = rows.count * elementsPerRow
        let stride = MemoryLayout<Bits>.size
        return unsafe file.withUnsafeBytes(in: byteRange(rows)) { bytes in
            unsafe [Value](unsafeUninitializedCapacity: count) { values, filled in
                for index in 0..<count {
                    let bits = unsafe bytes.loadUnaligned(fromByteOffset: index * stride, as: Bits.self)
                    unsafe values[index] = convert(Bits(littleEndian: bits))
                }
                filled = count
            }
        }
    }
}

/// The value of an IEEE 754 half-precision number (1 sign, 5 exponent, 10 fraction bits) as a single; exact.
///
/// Exponent and fraction are moved to where a single has them, and the product with 2^112 corrects the exponent's
/// bias. The product is exact, and it normalises subnormal numbers as well.
@inline(__always)
func float(halfPrecision bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF) << 13
    if bits & 0x7C00 == 0x7C00 { return Float(bitPattern: sign | 0x7F80_0000 | magnitude) }
    return Float(bitPattern: sign | (Float(bitPattern: magnitude) * 0x1p112).bitPattern)
}
