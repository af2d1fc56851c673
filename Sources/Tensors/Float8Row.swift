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

    /// max |x| / 448, found on the bit patterns, which are ordered as magnitudes are.
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
