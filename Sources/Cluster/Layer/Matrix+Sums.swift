public import Tensors

extension Matrix {
    /// Adds a matrix of the same shape.
    public mutating func add(_ other: Matrix) {
        precondition(rows == other.rows && columns == other.columns, "matrices of different shapes")
        unsafe values.withUnsafeMutableBufferPointer { sum in
            unsafe other.values.withUnsafeBufferPointer { summand in
                for index in 0..<sum.count { unsafe sum[index] += summand[index] }
            }
        }
    }

    /// Adds `weight` times a row's worth of `source`, from `start` on, to one row.
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

    /// Multiplies every value.
    public mutating func scale(by factor: Float) {
        unsafe values.withUnsafeMutableBufferPointer { values in
            for index in values.indices { unsafe values[index] *= factor }
        }
    }

    /// Adds a row's worth of values to one row.
    public mutating func add(_ summand: [Float], toRow row: Int) {
        let target = indices(ofRow: row)
        precondition(summand.count == columns, "a row of another width")
        unsafe summand.withUnsafeBufferPointer { summand in
            unsafe values.withUnsafeMutableBufferPointer { sum in
                for index in 0..<summand.count { unsafe sum[target.lowerBound + index] += summand[index] }
            }
        }
    }

    /// Puts a row's worth of values in the place of one row.
    public mutating func replace(row: Int, with replacement: [Float]) {
        values.replaceSubrange(indices(ofRow: row), with: replacement)
    }
}
