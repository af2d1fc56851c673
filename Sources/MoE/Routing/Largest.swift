/// The largest of some values.
enum Largest {
    /// The largest of the values at some places, none of them being NaN; 0 when there are none.
    static func value(_ values: [Double], at places: Range<Int>) -> Double {
        unsafe values.withUnsafeBufferPointer { unsafe value(UnsafeBufferPointer(rebasing: $0[places])) }
    }

    /// The largest value, none of them being NaN; 0 when there are none.
    ///
    /// Four values at a time, because a single chain of comparisons waits for itself.
    @unsafe
    static func value(_ row: UnsafeBufferPointer<Double>) -> Double {
        guard var largest = unsafe row.first else { return 0 }
        var lanes = SIMD4(repeating: largest)
        let whole = row.count & ~3
        for index in stride(from: 0, to: whole, by: 4) {
            let next = unsafe SIMD4(row[index], row[index + 1], row[index + 2], row[index + 3])
            lanes.replace(with: next, where: next .> lanes)
        }
        for lane in 0..<4 { largest = max(largest, lanes[lane]) }
        for index in whole..<row.count { largest = unsafe max(largest, row[index]) }
        return largest
    }
}
