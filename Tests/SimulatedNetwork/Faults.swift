package import Cluster

/// What a simulated network does to messages, and who falls silent.
package struct Faults: Sendable {
    /// Who is cut off.
    package enum Loss: Sendable {
        case nobody
        /// From this time on neither sends nor receives anything.
        case worker(Int, from: Nanoseconds)
        /// The same of the coordinator.
        case coordinator(from: Nanoseconds)
    }

    /// Longest time that a message takes.
    package var longestDelay: Nanoseconds
    /// Whether a link keeps the order of its messages, as ZeroMQ's do.
    package var keepsOrder: Bool
    /// Probability that a message arrives twice.
    package var duplication: Double
    package var loss: Loss

    /// Faults; none unless told.
    package init(
        longestDelay: Nanoseconds = 20_000_000,
        keepsOrder: Bool = true,
        duplication: Double = 0,
        loss: Loss = .nobody
    ) {
        self.longestDelay = longestDelay
        self.keepsOrder = keepsOrder
        self.duplication = duplication
        self.loss = loss
    }
}
