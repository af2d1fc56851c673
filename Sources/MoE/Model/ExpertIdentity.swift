/// An expert of a layer: a routed one by its index, or a common one.
public enum ExpertIdentity: Hashable, Sendable {
    /// Routed expert `0..<experts`.
    case routed(Int)
    /// All shared experts of the layer, fused into one.
    case shared
    /// The dense feed-forward network beside the experts (Arctic's residual MLP, Grok-2's MLP).
    case dense
}
