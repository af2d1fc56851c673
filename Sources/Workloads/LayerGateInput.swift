public import MoE
public import Tensors

/// What decides on the experts of the tokens of one layer in one step.
public enum LayerGateInput: Equatable, Sendable {
    /// The gate of the model, applied to the hidden states.
    case model
    /// These logits instead of the gate's, `[tokens, experts]`.
    case logits(Matrix)
    /// These choices instead of the router's.
    case recorded(RecordedChoices)
}
