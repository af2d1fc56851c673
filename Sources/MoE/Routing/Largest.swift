/// The search for the largest number of an array or row.
enum Largest {
    /// The largest of the values in the range `places` of an array without NaN; 0 for an empty range.
    static func value(_ values: [Double], at places: Range<Int>) -> Double {
        unsafe values.withUnsafeBufferPointer { unsafe value(UnsafeBufferPointer(rebasing: $0[places])) }
    }

    /// The largest value of a row without NaN; 0 for an empty row.
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
