/// A row of scores with the largest of every eight, so that taking out the largest of all reads few of them.
///
/// It keeps its memory from row to row.
struct BlockMaxima {
    /// The scores in blocks of eight; minus infinity fills up the last block, and replaces a score once it is selected.
    private var scores: [Double] = []
    /// The largest score of each block of eight, filled up with minus infinity to a multiple of eight.
    private var largest: [Double] = []

    /// Write the largest scores of a row, with their indices, in descending order; of equal scores the lowest index
    /// comes first.
    ///
    /// Once only minus infinity is left, the indices mean nothing.
    @unsafe
    mutating func select(
        from row: UnsafeBufferPointer<Double>,
        indices: UnsafeMutableBufferPointer<Int32>,
        scores best: UnsafeMutableBufferPointer<Double>
    ) {
        let blocks = (row.count + 7) / 8
        if scores.count != 8 * blocks {
            scores = [Double](repeating: -.infinity, count: 8 * blocks)
            largest = [Double](repeating: -.infinity, count: (blocks + 7) / 8 * 8)
        }
        unsafe scores.withUnsafeMutableBufferPointer { scores in
            unsafe largest.withUnsafeMutableBufferPointer { largest in
                for index in 0..<row.count { unsafe scores[index] = row[index] }
                for index in row.count..<scores.count { unsafe scores[index] = -.infinity }
                for block in 0..<blocks { unsafe largest[block] = Self.largest(scores, from: 8 &* block) }
                for place in 0..<indices.count {
                    var score = unsafe Self.largest(largest, from: 0)
                    for start in stride(from: 8, to: largest.count, by: 8) {
                        score = max(score, unsafe Self.largest(largest, from: start))
                    }
                    let block = unsafe Self.first(largest, 0, blocks &- 1, score)
                    let index = unsafe Self.first(scores, 8 &* block, 8 &* block &+ 7, score)
                    unsafe best[place] = score
                    unsafe indices[place] = Int32(truncatingIfNeeded: index)
                    unsafe scores[index] = -.infinity
                    unsafe largest[block] = Self.largest(scores, from: 8 &* block)
                }
            }
        }
    }

    /// The largest of eight scores, in three rounds.
    @unsafe
    @inline(__always)
    private static func largest(_ scores: UnsafeMutableBufferPointer<Double>, from start: Int) -> Double {
        let low = unsafe larger(
            larger(scores[start], scores[start &+ 1]),
            larger(scores[start &+ 2], scores[start &+ 3])
        )
        let high = unsafe larger(
            larger(scores[start &+ 4], scores[start &+ 5]),
            larger(scores[start &+ 6], scores[start &+ 7])
        )
        return larger(low, high)
    }

    /// The larger of two numbers, as one machine instruction; `max` would look for NaN as well.
    @inline(__always)
    private static func larger(_ left: Double, _ right: Double) -> Double { left > right ? left : right }

    /// The first index from `start` on at which `score` stands, or `last` when it stands at none before.
    @unsafe
    @inline(__always)
    private static func first(
        _ scores: UnsafeMutableBufferPointer<Double>,
        _ start: Int,
        _ last: Int,
        _ score: Double
    ) -> Int {
        var index = start
        while unsafe index < last && scores[index] != score { index &+= 1 }
        return index
    }
}
