internal import Cluster
internal import MoE
internal import Tensors

/// What went into one layer and what came out, kept for those who check or save it.
struct KeptLayer: Sendable {
    let step: Int
    let layer: Int
    /// What router and experts read.
    let input: LayerInput
    /// What the router was given and decided.
    let routed: RoutedBatch
    /// How tokens visited the experts that all of them visit.
    let common: [CommonVisits]
    /// The layer's result before the residual.
    let combined: CombinedLayer
    /// True when the gate's logits are x Wg^T of this model, not given by the workload.
    let logitsAreModels: Bool
}
