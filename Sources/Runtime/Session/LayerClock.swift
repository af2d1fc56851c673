internal import Cluster

/// The coordinator's four stamps of a layer, on its monotonic clock.
struct LayerClock {
    /// The step began or the layer before ended; the norm comes first.
    let started: Nanoseconds
    /// All batches are ready to be handed over.
    var ready: Nanoseconds
    /// The last output has arrived.
    var done: Nanoseconds
    /// Outputs are combined and the residual is added.
    var ended: Nanoseconds

    init(started: Nanoseconds) {
        self.started = started
        ready = started
        done = started
        ended = started
    }
}
