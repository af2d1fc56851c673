import Cluster

/// What a simulated network does to messages, and who falls silent.
struct Faults: Sendable {
    /// Who is cut off.
    enum Loss: Sendable {
        case nobody
        /// From this time on neither sends nor receives anything.
        case worker(Int, from: Nanoseconds)
        /// The same of the coordinator.
        case coordinator(from: Nanoseconds)
    }

    /// Longest time that a message takes.
    var longestDelay = 20 * millisecond
    /// Whether a link keeps the order of its messages, as ZeroMQ's do.
    var keepsOrder = true
    /// Probability that a message arrives twice.
    var duplication = 0.0
    var loss = Loss.nobody
}
