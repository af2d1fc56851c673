public import Tensors

/// A weighted sum of rows in the number type in which they arrived, term after term: sum[i] = w0 r0[i] + w1 r1[i] + ...
/// in single precision.
///
/// Sixteen columns are summed at a time over all rows, so that the sum stays in registers.
@safe
public struct RowSum {
    private static let lanes = 16

    private let columns: Int
    private let dtype: DType

    private var rows: [UnsafeRawPointer] = unsafe []
    private var weights: [Float] = []

    /// An empty sum, for rows of `columns` values of one number type.
    ///
    /// - Parameters:
    ///   - columns: values of a row.
    ///   - dtype: F32 or BF16.
    public init(columns: Int, dtype: DType) {
        self.columns = columns
        self.dtype = dtype
    }

    /// Forget all rows.
    public mutating func removeAll() {
        unsafe rows.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
    }

    /// Add a row of `columns` values, which may be unaligned and must stay until ``write(to:)``.
    @unsafe
    public mutating func add(_ weight: Float, _ row: UnsafeRawPointer) {
        unsafe rows.append(row)
        weights.append(weight)
    }

    /// Write the sum of the rows so far; zeros without any.
    @unsafe
    public func write(to target: UnsafeMutablePointer<Float>) {
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe weights.withUnsafeBufferPointer { weights in
                switch dtype {
                case .f32: unsafe writeSingles(rows, weights, target)
                default: unsafe writeHalves(rows, weights, target)
                }
            }
        }
    }

    @unsafe
    private func writeSingles(
        _ rows: UnsafeBufferPointer<UnsafeRawPointer>,
        _ weights: UnsafeBufferPointer<Float>,
        _ target: UnsafeMutablePointer<Float>
    ) {
        let whole = columns - columns % Self.lanes
        for column in stride(from: 0, to: whole, by: Self.lanes) {
            var sum = SIMD16<Float>.zero
            for row in 0..<rows.count {
                let values = unsafe rows[row].loadUnaligned(fromByteOffset: column * 4, as: SIMD16<Float>.self)
                unsafe sum += weights[row] * values
            }
            unsafe UnsafeMutableRawPointer(target + column).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
        for column in whole..<columns {
            var sum: Float = 0
            for row in 0..<rows.count {
                unsafe sum += weights[row] * rows[row].loadUnaligned(fromByteOffset: column * 4, as: Float.self)
            }
            unsafe target[column] = sum
        }
    }

    @unsafe
    private func writeHalves(
        _ rows: UnsafeBufferPointer<UnsafeRawPointer>,
        _ weights: UnsafeBufferPointer<Float>,
        _ target: UnsafeMutablePointer<Float>
    ) {
        let whole = columns - columns % Self.lanes
        for column in stride(from: 0, to: whole, by: Self.lanes) {
            // Each word holds two neighbours; as a single each is its own half of the word above zeros.
            var even = SIMD8<Float>.zero
            var odd = SIMD8<Float>.zero
            for row in 0..<rows.count {
                let words = unsafe rows[row].loadUnaligned(fromByteOffset: column * 2, as: SIMD8<UInt32>.self)
                unsafe even += weights[row] * unsafeBitCast(words &<< 16, to: SIMD8<Float>.self)
                unsafe odd += weights[row] * unsafeBitCast(words & 0xFFFF_0000, to: SIMD8<Float>.self)
            }
            var sum = SIMD16<Float>()
            sum.evenHalf = even
            sum.oddHalf = odd
            unsafe UnsafeMutableRawPointer(target + column).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
        for column in whole..<columns {
            var sum: Float = 0
            for row in 0..<rows.count {
                let half = unsafe rows[row].loadUnaligned(fromByteOffset: column * 2, as: UInt16.self)
                unsafe sum += weights[row] * BFloat16(bitPattern: half).float
            }
            unsafe target[column] = sum
        }
    }
}

extension Matrix {
    /// Add a matrix of the same shape, value by value.
    public mutating func add(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "matrices of different shapes")
        unsafe values.withUnsafeMutableBufferPointer { sum in
            unsafe other.values.withUnsafeBufferPointer { summand in
                for index in 0..<sum.count { unsafe sum[index] += summand[index] }
            }
        }
    }

    /// Add `weight` times `columns` values of `source`, from `start` on, to one row.
    public mutating func add(_ weight: Float, _ source: [Float], at start: Int, toRow row: Int) {
        let target = indices(ofRow: row)
        precondition(start >= 0 && start + target.count <= source.count, "a row beyond the end of its source")
        unsafe source.withUnsafeBufferPointer { source in
            unsafe values.withUnsafeMutableBufferPointer { sum in
                for index in 0..<target.count {
                    unsafe sum[target.lowerBound + index] += weight * source[start + index]
                }
            }
        }
    }

    /// Multiply every value by a factor.
    public mutating func scale(by factor: Float) {
        unsafe values.withUnsafeMutableBufferPointer { values in
            for index in values.indices { unsafe values[index] *= factor }
        }
    }

    /// Add `summand`, of `columns` values, to one row.
    public mutating func add(_ summand: [Float], toRow row: Int) {
        let target = indices(ofRow: row)
        precondition(summand.count == columns, "a row of another width")
        unsafe summand.withUnsafeBufferPointer { summand in
            unsafe values.withUnsafeMutableBufferPointer { sum in
                for index in 0..<summand.count { unsafe sum[target.lowerBound + index] += summand[index] }
            }
        }
    }

    /// Replace the values of one row.
    public mutating func replace(row: Int, with replacement: [Float]) {
        values.replaceSubrange(indices(ofRow: row), with: replacement)
    }
}
