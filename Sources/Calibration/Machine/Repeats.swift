import Cluster
internal import Runtime

/// Times of the same work, measured again and again.
struct Repeats: Sendable {
    /// Seconds of each time, in rising order.
    let sorted: [Double]

    /// Runs `body` twice unmeasured, then `count` times, by processor time of this thread: what else runs on the machine
    /// then counts as far as it slows the caches down, and not for the time that it takes a core away.
    init(_ count: Int, _ body: () throws -> Void) rethrows {
        for _ in 0..<2 { try body() }
        var seconds: [Double] = []
        for _ in 0..<count {
            let started = MonotonicClock.ofThread()
            try body()
            seconds.append((MonotonicClock.ofThread() - started).seconds)
        }
        self.init(seconds)
    }

    init(_ seconds: [Double]) {
        sorted = seconds.sorted()
    }

    /// The median, in seconds.
    var median: Double { quantile(0.5) }

    /// A time with little of other processes in it, in seconds: the first quartile.
    var undisturbed: Double { quantile(0.25) }

    /// Half of the range of the middle half, relative to the median.
    var spread: Double { median > 0 ? (quantile(0.75) - quantile(0.25)) / 2 / median : 0 }

    private func quantile(_ share: Double) -> Double {
        guard let last = sorted.last else { return .nan }
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return last }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
}
