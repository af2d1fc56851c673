extension TensorView {
    /// The elements that are looked at before it is known whether one of them is not finite.
    private static let pieceCount = 4096

    /// Throw when a number of some rows is infinite, not a number, or beyond single precision, in which it is read.
    ///
    /// - Throws: ``TensorFileError`` with the indices of the first such number and the number; also when the dtype holds
    ///   no real numbers, or a row does not exist.
    public func checkFinite(rows: Range<Int>) throws(TensorFileError) {
        guard let place = try firstNotFinite(rows: rows) else { return }
        let value = try flat.doubles(rows: place..<place + 1)[0]
        var (indices, rest): ([Int], Int) = ([], place)
        for size in shape.reversed() {
            indices.insert(rest % size, at: 0)
            rest /= size
        }
        let reason = value.isFinite ? ", which single precision cannot hold" : "; finite numbers are allowed"
        throw error("is \(value.isNaN ? "nan" : "\(value)")\(indices.isEmpty ? "" : " at \(indices)")\(reason)")
    }

    /// The place of the first such number among all elements, or nil.
    private func firstNotFinite(rows: Range<Int>) throws(TensorFileError) -> Int? {
        guard dtype.isFloatingPoint else {
            throw error("is \(dtype.rawValue); real numbers are read from F64, F32, F16, BF16 and F8_E4M3")
        }
        let start = rows.lowerBound * elementsPerRow
        let place = try unsafe bits(rows: rows) { bytes in
            switch dtype {
            case .f64:
                unsafe Self.first(in: bytes, UInt64.self) {
                    Float(Double(bitPattern: $0)).bitPattern.hasAll(0x7F80_0000)
                }
            case .f32: unsafe Self.first(in: bytes, UInt32.self) { $0.hasAll(0x7F80_0000) }
            case .f16: unsafe Self.first(in: bytes, UInt16.self) { $0.hasAll(0x7C00) }
            case .bf16: unsafe Self.first(in: bytes, UInt16.self) { $0.hasAll(0x7F80) }
            default: unsafe Self.first(in: bytes, UInt8.self) { $0.hasAll(0x7F) }
            }
        }
        return place.map { start + $0 }
    }

    /// The place of the first pattern that fits, looked for in pieces: a loop that never ends early becomes vector
    /// instructions.
    @inline(__always)
    private static func first<Bits: FixedWidthInteger & BitwiseCopyable>(
        in bytes: UnsafeRawBufferPointer,
        _: Bits.Type,
        _ fits: (Bits) -> Bool
    ) -> Int? {
        let stride = MemoryLayout<Bits>.size
        let count = bytes.count / stride
        func pattern(_ index: Int) -> Bits {
            Bits(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * stride, as: Bits.self))
        }
        for start in Swift.stride(from: 0, to: count, by: pieceCount) {
            let piece = start..<min(start + pieceCount, count)
            var isFound = false
            for index in piece { isFound = fits(pattern(index)) || isFound }
            if isFound { return piece.first { fits(pattern($0)) } }
        }
        return nil
    }
}

extension FixedWidthInteger {
    /// Whether all bits of a mask are set.
    @inline(__always)
    fileprivate func hasAll(_ mask: Self) -> Bool { self & mask == mask }
}
