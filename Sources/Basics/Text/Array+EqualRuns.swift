extension Array {
    /// Return the elements cut into at most `most` consecutive runs, whose lengths differ by one at most.
    public func equalRuns(atMost most: Int) -> [ArraySlice<Element>] {
        let runs = Swift.min(most, count)
        return (0..<runs).map { self[$0 * count / runs..<($0 + 1) * count / runs] }
    }
}
