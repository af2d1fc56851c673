public import Cluster
internal import Foundation
internal import Records

/// The machine's monotonic clock. All processes under one kernel read the same clock.
public enum MonotonicClock {
    /// Nanoseconds since some instant in the past, such as the boot.
    public static func now() -> Nanoseconds { read(CLOCK_MONOTONIC) }

    /// Nanoseconds that the calling thread has run on a processor.
    public static func ofThread() -> Nanoseconds { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Nanoseconds {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Nanoseconds(time.tv_sec) * 1_000_000_000 + Nanoseconds(time.tv_nsec)
    }

    /// Let the calling thread sleep.
    public static func sleep(_ duration: Nanoseconds) {
        Thread.sleep(forTimeInterval: duration.seconds)
    }
}

/// Processor time of the whole machine and of this process with the children that it waited for, up to now.
public struct ProcessorTime: Sendable {
    private let wall: Double
    private let machine: Double
    private let own: Double

    /// The processor time used so far; nil where the kernel does not tell.
    public static func now() -> ProcessorTime? {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let fields = text.split(separator: "\n").first?.split(separator: " ").dropFirst().map({ Double($0) ?? 0 }),
            fields.count > 4
        else { return nil }
        // Fields 4 and 5 are idle time and idle time that waits for a disk (proc(5)).
        let ticks = fields.prefix(8).reduce(0, +) - fields[3] - fields[4]
        var usage = rusage()
        var own = 0.0
        for who in [RUSAGE_SELF, RUSAGE_CHILDREN].map({ __rusage_who_t($0.rawValue) }) {
            guard unsafe getrusage(who, &usage) == 0 else { return nil }
            own += seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        return ProcessorTime(
            wall: MonotonicClock.now().seconds,
            machine: ticks / Double(sysconf(Int32(_SC_CLK_TCK))),
            own: own
        )
    }

    /// The share of all cores' time that other processes took since `before`, 0 to 1; nil when no time has passed.
    public func othersShare(since before: ProcessorTime) -> Double? {
        let all = (wall - before.wall) * Double(Host.cores)
        guard all > 0 else { return nil }
        return min(max((machine - before.machine - (own - before.own)) / all, 0), 1)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// The account of the coordinator's thread: processor time by layer and kind of work, and the intervals in which it
/// worked on tokens rather than messages.
final class WorkClock {
    /// An interval of work on the tokens of a micro-batch.
    struct Busy {
        let work: CoordinatorWork
        let layer: Int
        let batch: Int
        let time: Range<Nanoseconds>
    }

    /// The processor time that the thread spent on each layer, by kind of work, in seconds, `[layers]`.
    private(set) var seconds: [CoordinatorSeconds]
    /// The intervals in which the thread worked on tokens, in order of time.
    private(set) var busy: [Busy] = []

    private var current: (work: CoordinatorWork, layer: Int, batch: Int) = (.messages, 0, 0)
    private var since: (processor: Nanoseconds, wall: Nanoseconds) = (0, 0)

    init(layers: Int) {
        seconds = [CoordinatorSeconds](repeating: CoordinatorSeconds(), count: layers)
    }

    /// Begin the account of a step, with all times at 0.
    func begin() {
        for layer in seconds.indices { seconds[layer] = CoordinatorSeconds() }
        busy.removeAll(keepingCapacity: true)
        current = (.messages, 0, 0)
        since = (MonotonicClock.ofThread(), MonotonicClock.now())
    }

    /// End the current kind of work of the thread, and begin another on a layer of a micro-batch.
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
