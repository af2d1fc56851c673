/// Spans of time with an activity each, cut into pieces within which no activity begins or ends.
struct IntervalSweep {
    private struct Edge {
        let time: Int64
        let activity: Activities
        let begins: Bool
    }

    private var edges: [Edge] = []

    /// Add an interval; an empty one has no effect.
    mutating func add(_ activity: Activities, from start: Int64, to end: Int64) {
        guard start < end else { return }
        edges.append(Edge(time: start, activity: activity, begins: true))
        edges.append(Edge(time: end, activity: activity, begins: false))
    }

    /// Add the six intervals of a chunk: queue, dispatch, queue, compute, queue, combine.
    mutating func add(_ chunk: ChunkStamps) {
        add(.queue, from: chunk.ready, to: chunk.handedOver)
        add(.dispatch, from: chunk.handedOver, to: chunk.received)
        add(.queue, from: chunk.received, to: chunk.started)
        add(.compute, from: chunk.started, to: chunk.finished)
        add(.queue, from: chunk.finished, to: chunk.returned)
        add(.combine, from: chunk.returned, to: chunk.collected)
    }

    /// Call `body` with each piece of `window` and its activities, in order of time.
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

/// The activities at one instant; several may overlap.
struct Activities: OptionSet {
    let rawValue: UInt8

    /// Experts are computing.
    static let compute = Activities(rawValue: 1 << 0)
    /// Tokens are on their way to a rank.
    static let dispatch = Activities(rawValue: 1 << 1)
    /// Outputs are on their way back.
    static let combine = Activities(rawValue: 1 << 2)
    /// Work is ready and waits.
    static let queue = Activities(rawValue: 1 << 3)
    /// The coordinator is busy.
    static let coordinator = Activities(rawValue: 1 << 4)

    /// Number of different activities.
    static let count = 5
}

/// The part of a layer during which data is on its way and nobody computes: the cost of communication that no work
/// hides.
public enum ExposedCommunication {
    /// Seconds in `window` during which a chunk travels while no rank computes and the coordinator is not busy.
    ///
    /// - Parameters:
    ///   - chunks: the chunks of all ranks that may travel in the window, in any order.
    ///   - window: the time that is looked at, in nanoseconds on the coordinator's clock.
    ///   - coordinatorBusy: the spans of time in which the coordinator computed, on the same clock.
    public static func seconds(
        chunks: [ChunkStamps],
        window: Range<Int64>,
        coordinatorBusy: [Range<Int64>]
    ) -> Double {
        var sweep = IntervalSweep()
        for chunk in chunks {
            sweep.add(chunk.fitted.stamps)
        }
        for busy in coordinatorBusy {
            sweep.add(.coordinator, from: busy.lowerBound, to: busy.upperBound)
        }
        var exposed: Int64 = 0
        sweep.forEachPiece(of: window) { piece, active in
            let travels = !active.isDisjoint(with: [.dispatch, .combine])
            let works = !active.isDisjoint(with: [.compute, .coordinator])
            if travels && !works { exposed += piece.upperBound - piece.lowerBound }
        }
        return Double(exposed) / 1e9
    }
}

/// Arithmetic that stops at `Int64.min` and `Int64.max` instead of overflowing: stamps come from other processes and
/// may hold anything.
extension Int64 {
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
