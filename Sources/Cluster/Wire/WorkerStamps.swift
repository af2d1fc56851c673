/// The times at which a worker received, computed and returned a batch, on its own monotonic clock; the stamps of a
/// result.
public struct WorkerStamps: Equatable, Sendable {
    /// The time at which the last byte of the dispatch had arrived.
    public var received: Nanoseconds
    /// The time at which the first product began.
    public var started: Nanoseconds
    /// The time at which the last output was ready.
    public var finished: Nanoseconds
    /// The time at which the result was handed to the socket.
    public var returned: Nanoseconds

    /// Four stamps in the order in which they were taken.
    public init(received: Nanoseconds, started: Nanoseconds, finished: Nanoseconds, returned: Nanoseconds) {
        self.received = received
        self.started = started
        self.finished = finished
        self.returned = returned
    }

    /// The stamps of a result's envelope.
    public init(_ envelope: Envelope) {
        self.init(
            received: envelope.stamps.x,
            started: envelope.stamps.y,
            finished: envelope.stamps.z,
            returned: envelope.stamps.w
        )
    }

    /// The four stamps as one vector, in the form of ``Envelope/stamps``.
    public var lanes: SIMD4<Int64> { SIMD4(received, started, finished, returned) }

    /// The same instants on a clock that is `offset` behind the worker's. Sums that overflow wrap around: no clock
    /// shows such stamps, but a faulty peer may send them.
    public func moved(by offset: Nanoseconds) -> WorkerStamps {
        WorkerStamps(
            received: received &- offset,
            started: started &- offset,
            finished: finished &- offset,
            returned: returned &- offset
        )
    }
}
