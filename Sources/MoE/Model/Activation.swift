/// The activation between an expert's first and second matrix.
///
/// Gated activations have three matrices: down(act(gate(x)) * up(x)); the others have two: down(act(up(x))).
public enum Activation: String, Codable, CaseIterable, Sendable {
    /// x * sigmoid(x) on the gate, times up (Mixtral, DeepSeek and most since).
    case swiglu
    /// GELU by its tanh approximation on the gate, times up (T5 v1.1, Switch-XXL, ST-MoE, Grok).
    case geglu
    /// (clamp(up, -7, 7) + 1) * g * sigmoid(1.702 g) with g = min(gate, 7) (gpt-oss).
    case clampedSwiglu = "clamped-swiglu"
    /// GELU by its tanh approximation.
    case gelu
    /// max(x, 0) (Shazeer 2017, GShard, Switch).
    case relu

    /// True when the expert has a gate projection beside the up projection.
    public var isGated: Bool {
        switch self {
        case .swiglu, .geglu, .clampedSwiglu: true
        case .gelu, .relu: false
        }
    }
}
