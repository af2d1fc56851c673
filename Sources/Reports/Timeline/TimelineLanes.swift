/// Deals intervals out to as few lanes as hold them without overlap: each goes to the first lane that is free.
///
/// For intervals in order of their begins, this takes no more lanes than overlap at one moment.
struct TimelineLanes {
    /// When each lane becomes free.
    private var ends: [Int64] = []

    /// The lane of the next interval; it begins no earlier than those before.
    mutating func lane(for interval: Range<Int64>) -> Int {
        if let free = ends.firstIndex(where: { $0 <= interval.lowerBound }) {
            ends[free] = interval.upperBound
            return free
        }
        ends.append(interval.upperBound)
        return ends.count - 1
    }
}
