/// A dense row-major matrix of singles: tokens by features, or tokens by experts.
public struct Matrix: Equatable, Sendable {
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// `rows * columns` values, row after row.
    public var values: [Float]

    /// A matrix that holds `value` everywhere.
    public init(rows: Int, columns: Int, repeating value: Float = 0) {
        self.init(rows: rows, columns: columns, values: [Float](repeating: value, count: rows * columns))
    }

    /// A matrix over given values.
    ///
    /// - Precondition: `values.count == rows * columns`.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// One element.
    @inlinable
    public subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// The indices of `values` that hold one row.
    @inlinable
    public func indices(ofRow row: Int) -> Range<Int> {
        row * columns..<(row + 1) * columns
    }

    /// One row, without a copy.
    @inlinable
    public func row(_ row: Int) -> ArraySlice<Float> {
        values[indices(ofRow: row)]
    }
}
