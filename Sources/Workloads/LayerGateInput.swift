public import MoE
public import Tensors

/// The input of one layer's gate in one step: the model, logits, or recorded choices.
public enum LayerGateInput: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// These logits instead of the gate's, `[tokens, experts]`.
    case logits(Matrix)
    /// These choices instead of the router's.
    case recorded(RecordedChoices)
}
