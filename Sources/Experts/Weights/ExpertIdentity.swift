/// Which expert of a layer: a routed one by its index, or the layer's shared expert.
public enum ExpertIdentity: Hashable, Sendable {
    /// Routed expert `0..<experts`.
    case routed(Int)
    /// All shared experts of the layer, fused into one.
    case shared
}
