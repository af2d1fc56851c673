public import MoE
public import Tensors

/// Where the gate of each layer gets its logits or choices from.
public enum GateSource: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// These logits instead of the gate's: one matrix `[tokens, experts]` per layer.
    case logits([Matrix])
    /// These choices instead of the router's: one record per layer.
    case recorded([RecordedChoices])
}
