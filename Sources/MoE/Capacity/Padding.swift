/// The count of the rows that experts compute when their queues are padded to whole blocks.
public enum Padding {
    /// Rows of all experts after the queue of each is padded to a whole number of blocks: sum of ceil(n_e / b) b
    /// (MegaBlocks, arXiv 2211.15841, section 5.1, with b = 128).
    ///
    /// - Parameters:
    ///   - loads: rows per expert, n, `[experts]`.
    ///   - blockRows: rows of a block, b, at least 1.
    public static func rows(loads: [Int], blockRows: Int) -> Int {
        loads.reduce(0) { $0 + ($1 + blockRows - 1) / blockRows * blockRows }
    }
}

extension ChoiceTable {
    /// Number of copies that have a place in the queue of each expert, `[experts]`.
    var placed: [Int] {
        var counts = [Int](repeating: 0, count: experts)
        for copy in expert.indices where place[copy] != DispatchPlan.dropped { counts[Int(expert[copy])] += 1 }
        return counts
    }
}
