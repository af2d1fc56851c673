/// Intervals of activities, cut into the pieces of time within which nothing begins or ends.
struct IntervalSweep {
    private struct Edge {
        let time: Int64
        let activity: Activities
        let begins: Bool
    }

    private var edges: [Edge] = []

    /// Adds an interval; an empty one has no effect.
    mutating func add(_ activity: Activities, from start: Int64, to end: Int64) {
        guard start < end else { return }
        edges.append(Edge(time: start, activity: activity, begins: true))
        edges.append(Edge(time: end, activity: activity, begins: false))
    }

    /// Adds the six intervals of a chunk.
    mutating func add(_ chunk: ChunkStamps) {
        add(.queue, from: chunk.ready, to: chunk.handedOver)
        add(.dispatch, from: chunk.handedOver, to: chunk.received)
        add(.queue, from: chunk.received, to: chunk.started)
        add(.compute, from: chunk.started, to: chunk.finished)
        add(.queue, from: chunk.finished, to: chunk.returned)
        add(.combine, from: chunk.returned, to: chunk.collected)
    }

    /// Calls `body` with each piece of `window` and its activities, in order of time.
    ///
    /// The pieces cover the window without gaps. Takes O(n log n) for n intervals.
    func forEachPiece(of window: Range<Int64>, _ body: (Range<Int64>, Activities) -> Void) {
        var running = [Int](repeating: 0, count: Activities.count)
        var active: Activities = []
        var now = window.lowerBound
        for edge in edges.sorted(by: { $0.time < $1.time }) {
            let time = min(max(edge.time, window.lowerBound), window.upperBound)
            if time > now {
                body(now..<time, active)
                now = time
            }
            let index = edge.activity.rawValue.trailingZeroBitCount
            running[index] += edge.begins ? 1 : -1
            if running[index] > 0 { active.insert(edge.activity) } else { active.remove(edge.activity) }
        }
        if now < window.upperBound { body(now..<window.upperBound, active) }
    }
}
