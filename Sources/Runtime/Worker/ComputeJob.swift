internal import Cluster
internal import Tensors
internal import Transport

/// What the compute thread of a worker is asked to do.
enum ComputeJob: Sendable {
    /// Put weights in place.
    case load(Assignment)
    /// Compute a batch that arrived at `received`.
    case compute(Envelope, BatchLayout, ReceivedFrame, received: Nanoseconds)
}

/// What the compute thread of a worker has done.
enum ComputeOutcome: Sendable {
    /// Weights are in place.
    case loaded(Ready)
    /// A batch is computed. The last of the stamps is set when the result is handed over.
    case computed(Envelope, BatchLayout, AlignedBuffer, WorkerStamps)
    /// It could not be done.
    case failed(String)
}
