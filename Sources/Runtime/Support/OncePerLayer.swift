internal import Cluster

/// The detector of the first batch of each layer of each pass, which is the one that a `PhaseDelay` holds up.
struct OncePerLayer {
    private struct Layer: Hashable {
        let pass: Pass
        let layer: UInt32
    }

    private var step: UInt32?
    /// The layers of the step of which a batch was seen.
    private var seen: Set<Layer> = []

    /// True when no batch of the same layer, pass and step was asked about before.
    mutating func isFirst(_ batch: Envelope) -> Bool {
        if step != batch.step { (step, seen) = (batch.step, []) }
        return seen.insert(Layer(pass: batch.pass, layer: batch.layer)).inserted
    }
}
