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

    /// A matrix whose values `fill` writes, all of them, into memory that holds anything before.
    ///
    /// It spares writing zeros where every value is written anyhow. `fill` gets the `rows * columns` values, row after
    /// row.
    @unsafe
    public init<Failure: Error>(
        rows: Int,
        columns: Int,
        uninitialized fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
    ) throws(Failure) {
        self.rows = rows
        self.columns = columns
        let count = rows * columns
        values = try unsafe [Float](unsafeUninitializedCapacity: count) { (buffer, filled) throws(Failure) in
            try unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }

    /// The element in a row and a column.
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

    /// Some consecutive rows as a matrix of their own.
    public func slice(rows range: Range<Int>) -> Matrix {
        let places = range.lowerBound * columns..<range.upperBound * columns
        return Matrix(rows: range.count, columns: columns, values: Array(values[places]))
    }

    /// One row, without a copy.
    @inlinable
    public func row(_ row: Int) -> ArraySlice<Float> {
        values[indices(ofRow: row)]
    }
}

extension Matrix {
    /// Join matrices of equal width, the rows of one behind those of another; a single matrix is not copied.
    ///
    /// - Precondition: there is at least one.
    public static func joined(_ parts: [Matrix]) -> Matrix {
        guard parts.count > 1 else { return parts[0] }
        return Matrix(
            rows: parts.reduce(0) { $0 + $1.rows },
            columns: parts[0].columns,
            values: Array(parts.map(\.values).joined())
        )
    }
}
