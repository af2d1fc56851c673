internal import Cluster

/// The coordinator's stamps of a layer, on its monotonic clock.
struct LayerClock {
    /// The step began or the layer before ended; the norm comes first.
    let started: Nanoseconds
    /// All batches are ready to be handed over.
    var ready: Nanoseconds
    /// The last output of a rank has arrived.
    var done: Nanoseconds
    /// The coordinator's own experts are done, too.
    var complete: Nanoseconds
    /// Outputs are combined and the residual is added.
    var ended: Nanoseconds
    /// When the coordinator's own experts ran, or nil where it has none.
    var ownExperts: Range<Nanoseconds>?

    init(started: Nanoseconds) {
        self.started = started
        ready = started
        done = started
        complete = started
        ended = started
    }
}
