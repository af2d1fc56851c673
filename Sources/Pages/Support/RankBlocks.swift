/// A matrix over pairs of ranks that is small enough to draw: one row per rank, or per block of neighbouring ranks.
struct RankBlocks {
    /// The limit on the rows and on the columns.
    private static let most = 64

    /// The number of ranks in a block.
    let size: Int
    /// The sum of the matrix over each pair of blocks, `[blocks][blocks]`.
    let values: [[Double]]
    /// The name of each block: its rank, or its first and last rank.
    let names: [String]

    /// Sum a matrix over pairs of blocks.
    ///
    /// - Parameter matrix: a value for each pair of ranks, `[ranks][ranks]`.
    init(_ matrix: [[Double]]) {
        let size = max(1, (matrix.count + Self.most - 1) / Self.most)
        let blocks = stride(from: 0, to: matrix.count, by: size).map { $0..<min($0 + size, matrix.count) }
        self.size = size
        names = blocks.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound - 1)" }
        values = blocks.map { rows in
            blocks.map { columns in
                rows.reduce(0) { sum, row in columns.reduce(sum) { $0 + matrix[row][$1] } }
            }
        }
    }
}
