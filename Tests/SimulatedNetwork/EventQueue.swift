import Cluster

/// What happens next in virtual time; of two events at one time, the one that was added first.
struct EventQueue<Event> {
    private struct Entry {
        let time: Nanoseconds
        let event: Event
    }

    /// Latest first.
    private var entries: [Entry] = []

    mutating func add(_ event: Event, at time: Nanoseconds) {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].time >= time { low = middle + 1 } else { high = middle }
        }
        // Behind every later entry, before those of the same time, which are taken from the end.
        while low > 0, entries[low - 1].time == time { low -= 1 }
        entries.insert(Entry(time: time, event: event), at: low)
    }

    mutating func next() -> (time: Nanoseconds, event: Event)? {
        entries.popLast().map { ($0.time, $0.event) }
    }
}
