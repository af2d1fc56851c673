internal import Cluster

/// The coordinator's stamps of an exchange, on its monotonic clock.
struct LayerClock {
    /// Its first chunk was handed over; where it sent none, when the first could have been.
    var firstHandOver: Nanoseconds
    /// The last output of a rank arrived; where none was due, the same.
    var lastArrival: Nanoseconds
    /// The coordinator's own experts were done, too.
    var complete: Nanoseconds
    /// The last outputs were combined and added to the residual stream.
    var ended: Nanoseconds
    /// When the coordinator's own experts ran, or nil where it has none.
    var ownExperts: Range<Nanoseconds>?
}

extension LayerClock {
    /// Of an exchange that sends nothing, or has not yet.
    init(began: Nanoseconds) {
        firstHandOver = began
        lastArrival = began
        complete = began
        ended = began
    }
}
