internal import Workloads

/// What a layer's router is told beside the hidden states of the tokens.
struct RouterInput {
    /// The tokens.
    let outline: StepOutline
    /// What decides on their experts.
    let gate: LayerGateInput
}
