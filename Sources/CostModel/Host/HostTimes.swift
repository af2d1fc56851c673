import Records

/// The stamps of a simulated chunk, in seconds.
struct HostTimes {
    var ready = 0.0
    var handedOver = 0.0
    var received = 0.0
    var started = 0.0
    var finished = 0.0
    var returned = 0.0
    var collected = 0.0

    /// As a live run has them.
    var stamps: ChunkStamps {
        ChunkStamps(
            ready: Self.nanoseconds(ready),
            handedOver: Self.nanoseconds(handedOver),
            received: Self.nanoseconds(received),
            started: Self.nanoseconds(started),
            finished: Self.nanoseconds(finished),
            returned: Self.nanoseconds(returned),
            collected: Self.nanoseconds(collected)
        )
    }

    static func nanoseconds(_ seconds: Double) -> Int64 { Int64((min(seconds, 1e9) * 1e9).rounded()) }
}
