public import MoE
public import Tensors

/// The source of logits or choices for the gates of all layers.
public enum GateSource: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// Given logits instead of the gate's: one matrix `[tokens, experts]` per layer.
    case logits([Matrix])
    /// Recorded choices instead of the router's: one record per layer.
    case recorded([RecordedChoices])
}

/// The input of one layer's gate in one step: the model, logits, or recorded choices.
public enum LayerGateInput: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// Given logits instead of the gate's, `[tokens, experts]`.
    case logits(Matrix)
    /// Recorded choices instead of the router's.
    case recorded(RecordedChoices)
}
