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
    /// True when the sigmoid of a projection of the token weighs the shared expert (Qwen2-MoE).
    public var hasSharedGate: Bool
    /// Shape of the dense network beside the experts (Arctic, Grok-2), or nil when there is none.
    public var denseExpert: ExpertShape?
    /// Multiplies the sum of all outputs of a layer (Grok-2: 1/√2; NLLB-MoE: 1 - its token dropout).
    public var outputScale: Float

    /// A stack of `layers` equal layers.
    public init(
        layers: Int,
        experts: Int,
        expert: ExpertShape,
        sharedExpert: ExpertShape? = nil,
        hasSharedGate: Bool = false,
        denseExpert: ExpertShape? = nil,
        outputScale: Float = 1
    ) {
        self.layers = layers
        self.experts = experts
        self.expert = expert
        self.sharedExpert = sharedExpert
        self.hasSharedGate = hasSharedGate
        self.denseExpert = denseExpert
        self.outputScale = outputScale
    }

    /// Width of a token, H.
    public var hidden: Int { expert.hidden }

    /// The common experts, in the order in which their outputs are added.
    public var commonExperts: [CommonExpert] {
        let known: [(ExpertIdentity, ExpertShape?)] = [(.shared, sharedExpert), (.dense, denseExpert)]
        return known.compactMap { identity, shape in shape.map { CommonExpert(identity: identity, shape: $0) } }
    }

    /// True when there are common experts.
    public var hasCommonExperts: Bool { sharedExpert != nil || denseExpert != nil }

    /// Parameters of all routed experts of all layers.
    public var routedParameterCount: Int { layers * experts * expert.parameterCount }
}

/// An expert of a layer: a routed one by its index, or a common one.
public enum ExpertIdentity: Hashable, Sendable {
    /// Routed expert `0..<experts`.
    case routed(Int)
    /// All shared experts of the layer, fused into one.
    case shared
    /// The dense feed-forward network beside the experts (Arctic's residual MLP, Grok-2's MLP).
    case dense
}

/// An expert that every token visits, whatever the router says.
public struct CommonExpert: Equatable, Sendable {
    /// Which one.
    public let identity: ExpertIdentity
    /// Its shape.
    public let shape: ExpertShape

    /// The tensor that holds its outputs, `[token, hidden]`, in files.
    public var outputName: String { identity == .dense ? "dense_output" : "shared_output" }
}
