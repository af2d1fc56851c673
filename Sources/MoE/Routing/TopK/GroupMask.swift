/// Applies a ``GroupLimit`` to one token after another.
struct GroupMask {
    private let limit: GroupLimit
    /// Experts of a group.
    private let size: Int
    private var values: [Double]
    private var isKept: [Bool]
    private var best: TopKSelector
    private var members: TopKSelector

    /// A mask over `experts` experts.
    init(_ limit: GroupLimit, experts: Int, topK: Int) {
        self.limit = limit
        size = experts / limit.groups
        values = [Double](repeating: 0, count: limit.groups)
        isKept = [Bool](repeating: false, count: limit.groups)
        best = TopKSelector(count: limit.kept)
        members = TopKSelector(count: min(limit.summed(topK: topK), size))
    }

    /// Masks the scores of one token, `[experts]`.
    mutating func apply(to scores: inout [Double]) {
        guard limit.kept < limit.groups else { return }
        for group in values.indices {
            members.select(from: scores, at: group * size..<(group + 1) * size)
            values[group] = members.scores.reduce(0, +)
            isKept[group] = false
        }
        best.select(from: values)
        for group in best.indices { isKept[Int(group)] = true }
        let masked = limit.mask == .excluded ? -Double.infinity : 0
        for group in values.indices where !isKept[group] {
            for expert in group * size..<(group + 1) * size { scores[expert] = masked }
        }
    }
}
