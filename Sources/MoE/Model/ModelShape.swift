/// A stack of mixture-of-experts layers, all of one shape.
public struct ModelShape: Codable, Equatable, Sendable {
    /// Number of MoE layers, L.
    public var layers: Int
    /// Routed experts with weights per layer, E.
    public var experts: Int
    /// Identity experts per layer, Z: the router ranks them behind the E with weights, and they return their input where
    /// the token is, so that their copies travel nowhere and cost no rank anything. The zero-computation experts of
    /// LongCat-Flash (arXiv 2509.01322, section 2.1), the copy experts of MoE++ (arXiv 2410.07348, section 3.1).
    public var identityExperts: Int
    /// Shape of each routed expert.
    public var expert: ExpertShape
    /// Shape of the shared expert (all shared experts of a layer fused into one width), or nil when there is none.
    public var sharedExpert: ExpertShape?
    /// True when the sigmoid of a projection of the token weighs the shared expert (Qwen2-MoE).
    public var hasSharedGate: Bool
    /// Shape of the dense network beside the experts (Arctic, Grok-2), or nil when there is none.
    public var denseExpert: ExpertShape?
    /// The factor on the sum of all outputs of a layer (Grok-2: 1/√2; NLLB-MoE: 1 - its token dropout).
    public var outputScale: Float

    /// A stack of `layers` equal layers.
    public init(
        layers: Int,
        experts: Int,
        identityExperts: Int = 0,
        expert: ExpertShape,
        sharedExpert: ExpertShape? = nil,
        hasSharedGate: Bool = false,
        denseExpert: ExpertShape? = nil,
        outputScale: Float = 1
    ) {
        self.layers = layers
        self.experts = experts
        self.identityExperts = identityExperts
        self.expert = expert
        self.sharedExpert = sharedExpert
        self.hasSharedGate = hasSharedGate
        self.denseExpert = denseExpert
        self.outputScale = outputScale
    }

    /// Read a model's shape; without the key `identityExperts`, all of its experts have weights.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        layers = try container.decode(Int.self, forKey: .layers)
        experts = try container.decode(Int.self, forKey: .experts)
        identityExperts = try container.decodeIfPresent(Int.self, forKey: .identityExperts) ?? 0
        expert = try container.decode(ExpertShape.self, forKey: .expert)
        sharedExpert = try container.decodeIfPresent(ExpertShape.self, forKey: .sharedExpert)
        hasSharedGate = try container.decode(Bool.self, forKey: .hasSharedGate)
        denseExpert = try container.decodeIfPresent(ExpertShape.self, forKey: .denseExpert)
        outputScale = try container.decode(Float.self, forKey: .outputScale)
    }

    /// Experts that the router ranks, E + Z: those with weights, then the identity experts.
    public var candidates: Int { experts + identityExperts }

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
    /// The identity of the expert: shared or dense.
    public let identity: ExpertIdentity
    /// The shape of the expert.
    public let shape: ExpertShape

    /// The name of the tensor that holds the expert's outputs, `[token, hidden]`, in files.
    public var outputName: String { identity == .dense ? "dense_output" : "shared_output" }
}

/// The size and activation of one feed-forward expert.
public struct ExpertShape: Codable, Equatable, Sendable {
    /// Width of the token, H.
    public var hidden: Int
    /// Inner width of the expert, F. 0 for experts without weights that return their input, on their ranks like any
    /// others: the wire alone. ``ModelShape/identityExperts`` are those that stand beside experts with weights.
    public var ffn: Int
    /// The activation between the expert's matrices.
    public var activation: Activation
    /// True when every matrix has a bias behind it (gpt-oss, NLLB-MoE).
    public var hasBiases: Bool
    /// The numbers of ``Activation/clampedSwiglu`` where they are not gpt-oss's; nil for any other activation.
    public private(set) var clamp: GateClamp?

    /// Create the shape of an expert from its widths and activation.
    ///
    /// - Parameter clamp: the numbers of ``Activation/clampedSwiglu``; those of gpt-oss when nil.
    public init(hidden: Int, ffn: Int, activation: Activation, hasBiases: Bool = false, clamp: GateClamp? = nil) {
        self.hidden = hidden
        self.ffn = ffn
        self.activation = activation
        self.hasBiases = hasBiases
        self.clamp = activation == .clampedSwiglu && clamp != GateClamp() ? clamp : nil
    }

    /// Read an expert's shape; without the key `hasBiases`, the expert has no biases.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        hidden = try container.decode(Int.self, forKey: .hidden)
        ffn = try container.decode(Int.self, forKey: .ffn)
        activation = try container.decode(Activation.self, forKey: .activation)
        hasBiases = try container.decodeIfPresent(Bool.self, forKey: .hasBiases) ?? false
        clamp = try container.decodeIfPresent(GateClamp.self, forKey: .clamp)
    }

    /// True when the expert has no weights and returns its input.
    public var returnsInput: Bool { ffn == 0 }

    /// Matrices of the expert: 3 when gated, else 2.
    public var matrixCount: Int { activation.isGated ? 3 : 2 }

    /// Number of bias values of the expert, over all its matrices.
    public var biasCount: Int { hasBiases && !returnsInput ? (matrixCount - 1) * ffn + hidden : 0 }

    /// Parameters of one expert.
    public var parameterCount: Int { matrixCount * hidden * ffn + biasCount }

    /// Floating-point operations that one token costs in this expert (a multiply and an add count as two); adding a
    /// bias costs none beside the product that it joins.
    public var flopsPerToken: Int { 2 * matrixCount * hidden * ffn }
}

/// The activation between an expert's first and second matrix.
///
/// Gated activations have three matrices: down(act(gate(x)) * up(x)); the others have two: down(act(up(x))).
public enum Activation: String, Codable, CaseIterable, Sendable {
    /// x * sigmoid(x) on the gate, times up (Mixtral, DeepSeek and most since).
    case swiglu
    /// GELU by its tanh approximation on the gate, times up (T5 v1.1, Switch-XXL, ST-MoE, Grok).
    case geglu
    /// (clamp(up, -l, l) + 1) * g * sigmoid(a g) with g = min(gate, l) (gpt-oss); ``GateClamp`` has l and a.
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

/// The numbers of ``Activation/clampedSwiglu``, by default those of gpt-oss.
///
/// Source: transformers, modeling_gpt_oss.py, `GptOssExperts`.
public struct GateClamp: Codable, Equatable, Sendable {
    /// The limit l of the results of both matrices, `swiglu_limit`.
    public var limit: Double
    /// The steepness a of the sigmoid, `swiglu_alpha`.
    public var alpha: Double

    /// Create the numbers: 7 and 1.702, unless others are given.
    public init(limit: Double = 7, alpha: Double = 1.702) {
        self.limit = limit
        self.alpha = alpha
    }
}

/// The limit of a token to the experts of `kept` of `groups` groups, which hold equally many neighbours each.
///
/// Source: DeepSeek-V3, arXiv 2412.19437, section 2.1.2, where the groups are nodes.
public struct GroupChoice: Equatable, Sendable {
    /// Groups of experts.
    public var groups: Int
    /// Groups that a token uses.
    public var kept: Int

    /// Create a limit; it has no effect when all groups are kept.
    public init(groups: Int, kept: Int) {
        self.groups = groups
        self.kept = kept
    }

    /// True when a token may not use all groups.
    public var limits: Bool { kept < groups }
}
