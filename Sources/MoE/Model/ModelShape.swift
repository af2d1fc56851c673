/// A stack of mixture-of-experts layers, all of one shape.
public struct ModelShape: Codable, Equatable, Sendable {
    /// Number of MoE layers, L.
    public var layers: Int
    /// Routed experts per layer, E.
    public var experts: Int
    /// Shape of each routed expert.
    public var expert: ExpertShape
    /// Shape of the shared expert (all shared experts of a layer fused into one width), or nil when there is none.
    public var sharedExpert: ExpertShape?

    /// A stack of `layers` equal layers.
    public init(layers: Int, experts: Int, expert: ExpertShape, sharedExpert: ExpertShape? = nil) {
        self.layers = layers
        self.experts = experts
        self.expert = expert
        self.sharedExpert = sharedExpert
    }

    /// Width of a token, H.
    public var hidden: Int { expert.hidden }

    /// Parameters of all routed experts of all layers.
    public var routedParameterCount: Int { layers * experts * expert.parameterCount }
}
