internal import Cluster
internal import MoE
internal import Placement

/// A layer of a micro-batch that is under way.
struct PendingLayer {
    let work: LayerWork
    let slots: SlotPlan
    let inFlight: LayerInFlight
    /// What the layer read, where somebody wants it.
    let input: LayerInput?
    var combiner: Combiner
    /// The layer's outputs, where somebody wants them.
    var kept: CombinedLayer?

    /// What was seen of it.
    var observation: ExchangeObservation {
        ExchangeObservation(
            batch: Int(work.id.batch),
            routed: work.routed,
            slots: slots,
            ranks: inFlight.ranks,
            clock: inFlight.clock
        )
    }

    /// Its inputs and outputs, or nil where nobody wanted them.
    ///
    /// - Parameter logitsAreModels: whether the gate's logits are those of the model.
    func kept(logitsAreModels: Bool) -> KeptLayer? {
        guard let input, let kept else { return nil }
        return KeptLayer(
            step: Int(work.id.step),
            layer: work.layer,
            input: input,
            routed: work.routed,
            common: work.visits,
            combined: kept,
            logitsAreModels: logitsAreModels
        )
    }
}
