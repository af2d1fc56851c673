import Testing

@testable import Tensors

/// Rows as bytes against one value at a time, at unaligned places, for whole and short blocks.
@Suite struct RowEncodingTests {
    private static let types: [DType] = [.f32, .bf16, .f8e4m3]

    @Test func sizesOfRows() {
        #expect(RowEncoding.byteCount(columns: 7, as: .f32) == 28)
        #expect(RowEncoding.byteCount(columns: 7, as: .bf16) == 14)
        #expect(
            [0, 1, 127, 128, 129, 7168].map { RowEncoding.byteCount(columns: $0, as: .f8e4m3) } == [
                0, 5, 131, 132, 137, 7168 + 56 * 4,
            ]
        )
    }

    @Test(arguments: [1, 5, 127, 128, 129, 300], types)
    func everyRowStandsAlone(columns: Int, dtype: DType) {
        let values = noise(3 * columns, seed: 11)
        let bytes = encoded(values, columns, dtype)
        let rowBytes = RowEncoding.byteCount(columns: columns, as: dtype)
        #expect(bytes.count == 3 * rowBytes)
        for row in 0..<3 {
            let alone = encoded(Array(values[row * columns..<(row + 1) * columns]), columns, dtype)
            #expect(Array(bytes[row * rowBytes..<(row + 1) * rowBytes]) == alone)
        }
        let decoded = decoded(bytes, columns, dtype)
        for (index, value) in values.enumerated() {
            #expect(decoded[index] == expected(value, dtype, decodedScale(bytes, columns, dtype, index)))
        }
    }

    @Test func scalesBlocksByTheirLargestValue() {
        var row = [Float](repeating: 0.5, count: 256)
        row[3] = -896
        row[200] = 0.25
        let bytes = encoded(row, 256, .f8e4m3)
        #expect(scale(bytes, 256, block: 0) == 2 && scale(bytes, 256, block: 1) == 0.5 / 448)
        #expect(bytes[3] == 0xFE && bytes[128] == 0x7E)
        let zeros = encoded([Float](repeating: 0, count: 130), 130, .f8e4m3)
        #expect(scale(zeros, 130, block: 0) == 1 && scale(zeros, 130, block: 1) == 1)
    }

    @Test func keepsOddValuesToThemselves() {
        let odd: [Float] = [.nan, 1, -.nan, 0.5, -0.0]
        let back = decoded(encoded(odd, 5, .f8e4m3), 5, .f8e4m3)
        #expect(back[0].isNaN && back[1] == 1 && back[2].isNaN && back[3] == 0.5)
        #expect(back[4] == 0 && back[4].sign == .minus)
        let large = decoded(encoded([.infinity, 1, -.infinity], 3, .f8e4m3), 3, .f8e4m3)
        let scale = Float.greatestFiniteMagnitude / 448
        #expect(large == [448 * scale, 0, -448 * scale] && large[0].isFinite)
        let tiny = decoded(encoded([.leastNonzeroMagnitude, 0x1p-130], 2, .f8e4m3), 2, .f8e4m3)
        #expect(tiny == [0, 0x1p-130])
        let nans = decoded(encoded([.nan, .nan], 2, .f8e4m3), 2, .f8e4m3)
        #expect(nans.allSatisfy { $0.isNaN })
    }

    @Test func losesAtMostHalfAStep() {
        let values = noise(4 * 512, seed: 5)
        let back = decoded(encoded(values, 512, .f8e4m3), 512, .f8e4m3)
        for block in 0..<16 {
            let places = block * 128..<(block + 1) * 128
            let largest = values[places].map(\.magnitude).max() ?? 0
            for index in places {
                // 4 significant bits, or half a step of 2^-9 in units of the scale.
                let bound = max(values[index].magnitude / 16, largest / 448 / 1024) * 1.0001
                #expect((values[index] - back[index]).magnitude <= bound)
            }
        }
    }

    @Test(arguments: types, types)
    func convertsByWayOfSingles(from: DType, to: DType) {
        let values = noise(3 * 200, seed: 3)
        let source = encoded(values, 200, from)
        let target = unsafe unaligned(3 * RowEncoding.byteCount(columns: 200, as: to)) { target in
            unsafe source.withUnsafeBytes { source in
                unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 200) { scratch in
                    unsafe RowEncoding.convert(source, columns: 200, from: from, to: to, scratch: scratch, into: target)
                }
            }
        }
        #expect(target == (from == to ? source : encoded(decoded(source, 200, from), 200, to)))
    }

    @Test func wholeBuffersAreOneRow() {
        let values = noise(130, seed: 2)
        let buffer = RowEncoding.encode(values, as: .bf16)
        let bytes = unsafe buffer.withUnsafeBytes { unsafe Array($0) }
        #expect(bytes == encoded(values, 130, .bf16))
    }

    // MARK: - Support

    /// Numbers of many magnitudes around 0.
    private func noise(_ count: Int, seed: UInt64) -> [Float] {
        let random = CounterRandom(seed: seed, purpose: .test)
        return (0..<count).map { index in
            let unit = Float(random.uniformDouble(2 * index) - 0.5)
            return unit * Float(sign: .plus, exponent: -Int(random.uniformDouble(2 * index + 1) * 9), significand: 1)
        }
    }

    private func expected(_ value: Float, _ dtype: DType, _ scale: Float) -> Float {
        switch dtype {
        case .bf16: BFloat16(value).float
        case .f8e4m3: Float8E4M3(value / scale).float * scale
        default: value
        }
    }

    private func decodedScale(_ bytes: [UInt8], _ columns: Int, _ dtype: DType, _ index: Int) -> Float {
        guard dtype == .f8e4m3 else { return 1 }
        let rowBytes = RowEncoding.byteCount(columns: columns, as: dtype)
        let row = index / columns
        return scale(Array(bytes[row * rowBytes..<(row + 1) * rowBytes]), columns, block: index % columns / 128)
    }

    private func scale(_ row: [UInt8], _ columns: Int, block: Int) -> Float {
        let bytes = row[columns + 4 * block..<columns + 4 * block + 4]
        return Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func encoded(_ values: [Float], _ columns: Int, _ dtype: DType) -> [UInt8] {
        let rows = columns == 0 ? 0 : values.count / columns
        return unsafe unaligned(rows * RowEncoding.byteCount(columns: columns, as: dtype)) { target in
            unsafe values.withUnsafeBufferPointer { source in
                unsafe RowEncoding.encode(source, columns: columns, as: dtype, into: target)
            }
        }
    }

    private func decoded(_ bytes: [UInt8], _ columns: Int, _ dtype: DType) -> [Float] {
        let rows = columns == 0 ? 0 : bytes.count / RowEncoding.byteCount(columns: columns, as: dtype)
        var values = [Float](repeating: -1, count: rows * columns)
        unsafe ([0xFF] + bytes).withUnsafeBytes { source in
            unsafe values.withUnsafeMutableBufferPointer { target in
                let source = unsafe UnsafeRawBufferPointer(rebasing: source.dropFirst())
                unsafe RowEncoding.decode(source, columns: columns, from: dtype, into: target)
            }
        }
        return values
    }

    /// What `body` writes to bytes behind an odd address; none before or behind them may change.
    private func unaligned(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xAB, count: count + 2)
        unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe body(UnsafeMutableRawBufferPointer(rebasing: bytes[1..<count + 1]))
        }
        #expect(bytes[0] == 0xAB && bytes[count + 1] == 0xAB)
        return Array(bytes[1..<count + 1])
    }
}
