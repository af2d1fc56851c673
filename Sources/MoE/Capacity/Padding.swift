/// Rows that experts compute for nothing because their queues are padded.
public enum Padding {
    /// Rows after every queue is padded to a whole number of blocks: sum of ceil(n_e / b) b (MegaBlocks, arXiv
    /// 2211.15841, section 5.1, with b = 128).
    ///
    /// - Parameters:
    ///   - loads: rows per expert, n, `[experts]`.
    ///   - blockRows: rows of a block, b, at least 1.
    public static func rows(loads: [Int], blockRows: Int) -> Int {
        loads.reduce(0) { $0 + ($1 + blockRows - 1) / blockRows * blockRows }
    }
}

extension ChoiceTable {
    /// Copies that have a place, per expert.
    var placed: [Int] {
        var counts = [Int](repeating: 0, count: experts)
        for copy in expert.indices where place[copy] != DispatchPlan.dropped { counts[Int(expert[copy])] += 1 }
        return counts
    }
}
