public import Cluster
internal import Foundation

/// The machine's monotonic clock. All processes under one kernel read the same one.
public enum MonotonicClock {
    /// Nanoseconds since some instant in the past.
    public static func now() -> Nanoseconds {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Nanoseconds(time.tv_sec) * 1_000_000_000 + Nanoseconds(time.tv_nsec)
    }

    /// Lets the calling thread sleep.
    public static func sleep(_ duration: Nanoseconds) {
        Thread.sleep(forTimeInterval: duration.seconds)
    }
}
