/// The fate of a message at this end. `sent` only means queued: libzmq promises nothing about arrival.
public enum SendOutcome: Equatable, Sendable {
    /// Queued.
    case sent
    /// Nobody is connected under that address.
    case unreachable
    /// The queue is full.
    case full
}
