import MoE

/// Numbers of rows that products of one shape were made for, the most recently used ones last: what a rank does not have
/// to set up again.
struct RowCounts {
    /// Numbers of rows that a rank keeps.
    static let most = 96
    /// Those that are set up before the first step.
    static let prepared = 1...32

    private var counts = Array(prepared)

    /// Uses the blocks of some rows; returns how many of them had to be set up.
    mutating func use(_ rows: Int) -> Int {
        guard rows > 0 else { return 0 }
        let size = RowBlock.size(for: rows)
        let last = rows % size == 0 ? size : rows % size
        return (rows > size ? take(size) : 0) + take(last)
    }

    private mutating func take(_ rows: Int) -> Int {
        if let place = counts.lastIndex(of: rows) {
            counts.remove(at: place)
            counts.append(rows)
            return 0
        }
        counts.append(rows)
        if counts.count > Self.most { counts.removeFirst() }
        return 1
    }
}
