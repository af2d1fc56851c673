internal import MoE
internal import Tensors

/// What went into one layer and what came out, kept for those who check or save it.
struct LayerTrace: Sendable {
    let step: Int
    let layer: Int
    /// Normed tokens, `[tokens, hidden]`: the input of router and experts.
    let tokens: Matrix
    /// What the router was given.
    let batch: RouterBatch
    /// What it decided.
    let routing: Routing
    /// The layer's result before the residual, `[tokens, hidden]`.
    let combined: Matrix
    /// True when the gate's logits are x Wg^T of this model, not given by the workload.
    let logitsAreModels: Bool
}
