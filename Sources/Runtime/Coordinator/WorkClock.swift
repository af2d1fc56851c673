internal import Cluster
internal import Records
internal import Foundation

/// What the coordinator's thread spends its time on: processor time by layer and kind, and the intervals in which it
/// worked on tokens rather than messages.
final class WorkClock {
    /// An interval of work on the tokens of a micro-batch.
    struct Busy {
        let work: CoordinatorWork
        let layer: Int
        let batch: Int
        let time: Range<Nanoseconds>
    }

    /// Processor time of each layer.
    private(set) var seconds: [CoordinatorSeconds]
    /// When tokens were worked on, in order of time.
    private(set) var busy: [Busy] = []

    private var current: (work: CoordinatorWork, layer: Int, batch: Int) = (.messages, 0, 0)
    private var since: (processor: Nanoseconds, wall: Nanoseconds) = (0, 0)

    init(layers: Int) {
        seconds = [CoordinatorSeconds](repeating: CoordinatorSeconds(), count: layers)
    }

    /// Begins a step.
    func begin() {
        for layer in seconds.indices { seconds[layer] = CoordinatorSeconds() }
        busy.removeAll(keepingCapacity: true)
        current = (.messages, 0, 0)
        since = (MonotonicClock.ofThread(), MonotonicClock.now())
    }

    /// From now on the thread does something else.
    func enter(_ work: CoordinatorWork, layer: Int, batch: Int) {
        let processor = MonotonicClock.ofThread()
        let wall = MonotonicClock.now()
        seconds[current.layer].add((processor - since.processor).seconds, to: current.work)
        if current.work != .messages {
            let time = since.wall..<max(since.wall, wall)
            busy.append(Busy(work: current.work, layer: current.layer, batch: current.batch, time: time))
        }
        current = (work, layer, batch)
        since = (processor, wall)
    }
}
