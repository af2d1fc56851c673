internal import Cluster

/// Finds the first batch of each layer, which is the one that a ``PhaseDelay`` holds up.
struct OncePerLayer {
    private var last: (step: UInt32, layer: UInt32)?

    /// True when no batch of this layer, or of a later one, was asked about before.
    mutating func isFirst(_ batch: Envelope) -> Bool {
        let layer = (batch.step, batch.layer)
        if let last, layer <= last { return false }
        last = layer
        return true
    }
}
