/// The cut of one expert's rows into blocks for its matrix products.
///
/// An expert's rows of one chunk are computed in as few blocks as ``most`` allows, nearly equal ones. The grouping
/// changes no bit: products are chosen whose rows do not depend on the rows beside them.
public enum RowBlock {
    /// Upper limit of a block's rows. Every block reads the expert's weights again; from 256 rows on that costs less
    /// than 2 % of the products, and the inner activations of more would leave the second-level cache.
    public static let most = 256
    /// The number of rows that divides the size of every block but the last, so that few different sizes occur.
    private static let step = 32

    /// The rows of every block but the last, for `rows` rows.
    ///
    /// - Parameter height: rows that products have where that is fixed; at most ``most``.
    public static func size(for rows: Int, height: Int? = nil) -> Int {
        let step = height ?? step
        let most = most / step * step
        let count = max(1, (rows + most - 1) / most)
        let even = (rows + count - 1) / count
        return max(step, (even + step - 1) / step * step)
    }
}
