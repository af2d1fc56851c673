/// Finds the largest scores of a row: larger first, and of equal ones the lowest index first.
///
/// It keeps its memory from row to row.
struct TopKSelector<Score: Comparable> {
    /// Indices of the largest scores, in order.
    private(set) var indices: [Int32]
    /// The largest scores, in order.
    private(set) var scores: [Score]
    private let count: Int

    /// Selects `count` of each row.
    init(count: Int) {
        self.count = count
        indices = []
        scores = []
        indices.reserveCapacity(count + 1)
        scores.reserveCapacity(count + 1)
    }

    /// Selects from a row of at least `count` scores, none of them NaN.
    mutating func select(from row: some Collection<Score>) {
        indices.removeAll(keepingCapacity: true)
        scores.removeAll(keepingCapacity: true)
        var index: Int32 = 0
        for score in row {
            if scores.count < count {
                insert(score, index)
            } else if score > scores[count - 1] {
                scores.removeLast()
                indices.removeLast()
                insert(score, index)
            }
            index += 1
        }
    }

    private mutating func insert(_ score: Score, _ index: Int32) {
        var place = scores.count
        scores.append(score)
        indices.append(index)
        while place > 0 && scores[place - 1] < score {
            scores[place] = scores[place - 1]
            indices[place] = indices[place - 1]
            place -= 1
        }
        scores[place] = score
        indices[place] = index
    }
}
