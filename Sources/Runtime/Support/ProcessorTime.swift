import Cluster
internal import Foundation

/// Processor time of the whole machine and of this process with the children that it waited for, up to now.
public struct ProcessorTime: Sendable {
    private let wall: Double
    private let machine: Double
    private let own: Double

    /// What has been used so far; nil where the kernel does not say.
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

    /// The part of all cores' time that other processes took since then, 0 to 1; nil when no time has passed.
    public func othersShare(since before: ProcessorTime) -> Double? {
        let all = (wall - before.wall) * Double(Host.cores)
        guard all > 0 else { return nil }
        return min(max((machine - before.machine - (own - before.own)) / all, 0), 1)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
