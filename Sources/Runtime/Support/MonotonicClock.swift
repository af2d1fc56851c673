public import Cluster
internal import Foundation

/// The machine's monotonic clock. All processes under one kernel read the same one.
public enum MonotonicClock {
    /// Nanoseconds since some instant in the past.
    public static func now() -> Nanoseconds { read(CLOCK_MONOTONIC) }

    /// Nanoseconds that the calling thread has run on a processor.
    public static func ofThread() -> Nanoseconds { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Nanoseconds {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Nanoseconds(time.tv_sec) * 1_000_000_000 + Nanoseconds(time.tv_nsec)
    }

    /// Lets the calling thread sleep.
    public static func sleep(_ duration: Nanoseconds) {
        Thread.sleep(forTimeInterval: duration.seconds)
    }
}
