extension Array {
    /// The elements in at most `most` runs of consecutive ones, none more than one element longer than another.
    public func equalRuns(atMost most: Int) -> [ArraySlice<Element>] {
        let runs = Swift.min(most, count)
        return (0..<runs).map { self[$0 * count / runs..<($0 + 1) * count / runs] }
    }
}
