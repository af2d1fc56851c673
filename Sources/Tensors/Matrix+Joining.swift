extension Matrix {
    /// The rows of matrices of equal width, one behind the other. A single one is not copied.
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
