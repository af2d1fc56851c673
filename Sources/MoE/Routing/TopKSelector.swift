/// Finds the largest scores of a row: larger first, and of equal ones the lowest index first.
///
/// It keeps its memory from row to row.
struct TopKSelector {
    /// Indices of the largest scores, in order.
    private(set) var indices: [Int32]
    /// The largest scores, in order.
    private(set) var scores: [Double]

    /// For rows in which most scores are not selected.
    private var maxima = BlockMaxima()
    /// Rows from this width on go by the maxima of their blocks; measured, narrow ones are faster score by score.
    private static let wideRow = 16

    /// Selects `count` of each row.
    init(count: Int) {
        indices = [Int32](repeating: 0, count: count)
        scores = [Double](repeating: 0, count: count)
    }

    /// Selects from a row of at least `count` scores, none of them NaN: all values, or those at some places.
    mutating func select(from values: [Double], at places: Range<Int>? = nil) {
        unsafe values.withUnsafeBufferPointer { values in
            unsafe select(from: UnsafeBufferPointer(rebasing: values[places ?? values.indices]))
        }
    }

    /// Selects from a row of at least `count` scores, none of them NaN.
    @unsafe
    mutating func select(from row: UnsafeBufferPointer<Double>) {
        let count = indices.count
        precondition(row.count >= count, "a row of \(row.count) scores, of which \(count) are to be selected")
        guard count > 0 else { return }
        unsafe indices.withUnsafeMutableBufferPointer { indices in
            unsafe scores.withUnsafeMutableBufferPointer { scores in
                guard row.count < Self.wideRow else {
                    return unsafe maxima.select(from: row, indices: indices, scores: scores)
                }
                for index in 0..<row.count {
                    let score = unsafe row[index]
                    // Most scores are no better than the last one that is held.
                    if index >= count { guard unsafe score > scores[count - 1] else { continue } }
                    var place = min(index, count - 1)
                    while unsafe place > 0 && scores[place - 1] < score {
                        unsafe scores[place] = scores[place - 1]
                        unsafe indices[place] = indices[place - 1]
                        place -= 1
                    }
                    unsafe scores[place] = score
                    unsafe indices[place] = Int32(truncatingIfNeeded: index)
                }
            }
        }
    }
}
