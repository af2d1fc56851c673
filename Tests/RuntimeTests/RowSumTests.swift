import Cluster
import Tensors
import Testing

/// Sums of rows against a loop over terms, bit for bit.
@Suite struct RowSumTests {
    /// The sum as `RowSum` writes it, of rows that stand at odd addresses.
    private func sum(_ rows: [[Float]], _ weights: [Float], columns: Int, _ dtype: DType) -> [Float] {
        var sum = RowSum(columns: columns, dtype: dtype)
        let rowBytes = RowEncoding.byteCount(columns: columns, as: dtype) + 1
        let bytes = AlignedBuffer(byteCount: rows.count * rowBytes + 1)
        var result = [Float](repeating: .nan, count: columns + 1)
        unsafe bytes.withUnsafeMutableBytes { target in
            for (index, row) in rows.enumerated() {
                let place = unsafe UnsafeMutableRawBufferPointer(rebasing: target[(1 + index * rowBytes)...])
                unsafe row.withUnsafeBufferPointer { unsafe RowEncoding.encode($0, as: dtype, into: place) }
                if let start = place.baseAddress { unsafe sum.add(weights[index], UnsafeRawPointer(start)) }
            }
            unsafe result.withUnsafeMutableBufferPointer { target in
                if let start = target.baseAddress { unsafe sum.write(to: start) }
            }
        }
        #expect(result[columns].isNaN, "a column beyond the last is written")
        return Array(result.prefix(columns))
    }

    @Test(arguments: 1...40, [DType.f32, .bf16])
    func isTheSequentialSum(columns: Int, dtype: DType) {
        var samples = Samples(seed: columns)
        for terms in [1, 2, 3, 8, 9] {
            let rows = (0..<terms).map { _ in TestLayer.travelled((0..<columns).map { _ in samples.number() }, dtype) }
            let weights = (0..<terms).map { _ in samples.number() }
            var expected = [Float](repeating: 0, count: columns)
            for (row, weight) in zip(rows, weights) {
                for column in 0..<columns { expected[column] += weight * row[column] }
            }
            let found = sum(rows, weights, columns: columns, dtype)
            #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "\(terms) terms")
        }
    }

    @Test(arguments: [1, 16, 17], [DType.f32, .bf16])
    func nothingSumsToZero(columns: Int, dtype: DType) {
        #expect(sum([], [], columns: columns, dtype) == [Float](repeating: 0, count: columns))
    }

    /// A sum begins anew, and no row of the one before is read again.
    @Test func whatWasRemovedDoesNotCount() {
        var sum = RowSum(columns: 2, dtype: .f32)
        let rows: [Float] = [1, 2, 10, 20]
        var result: [Float] = [0, 0]
        unsafe rows.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe sum.add(1, start)
            sum.removeAll()
            unsafe sum.add(0.5, start + 8)
            unsafe result.withUnsafeMutableBufferPointer { target in
                if let start = target.baseAddress { unsafe sum.write(to: start) }
            }
        }
        #expect(result == [5, 10])
    }
}
