public import MoE

/// The section `model`: shape and arithmetic of the stack of layers, and where its weights come from.
public struct ModelConfiguration: Codable, Equatable, Sendable {
    /// The catalogue entry that the shape was taken from, or nil.
    public var preset: String?
    /// The checkpoint that holds the weights, absolute once resolved, or nil for weights from the seed.
    public var checkpoint: String?
    /// The family whose names and layouts the checkpoint uses; present exactly when there is a checkpoint.
    public var family: String?
    /// Layers of the checkpoint; numbers once resolved, present exactly when there is a checkpoint.
    public var layer: LayerChoice?
    /// MoE layers, L.
    public var layers = 4
    /// Width of a token, H.
    public var hidden = 512
    /// Routed experts per layer, E.
    public var experts = 8
    /// Inner width of one routed expert, F.
    public var expertFfn = 1024
    /// What stands between the matrices of an expert.
    public var activation = Activation.swiglu
    /// Whether every matrix of a routed expert has a bias.
    public var expertBiases = false
    /// Inner width of all shared experts of a layer together; 0 means none.
    public var sharedFfn = 0
    /// Whether the sigmoid of a projection of the token weighs the shared experts.
    public var sharedGate = false
    /// Inner width of the dense network beside the experts; 0 means none.
    public var denseFfn = 0
    /// Multiplies the sum of all outputs of a layer.
    public var outputScale = 1.0
    /// What a layer does to its input.
    public var norm = LayerNorm.rms
    /// Number type of the experts' matrix products.
    public var dtype = NumberFormat.f32

    /// The defaults.
    public init() {}

    /// Numbers of the layers in the checkpoint, in the order of the run; empty without a checkpoint.
    public var checkpointLayers: [Int] {
        if case .numbers(let numbers) = layer { numbers } else { [] }
    }

    /// The stack of layers.
    public var shape: ModelShape {
        func beside(_ width: Int) -> ExpertShape? {
            width == 0 ? nil : ExpertShape(hidden: hidden, ffn: width, activation: activation)
        }
        return ModelShape(
            layers: layers,
            experts: experts,
            expert: ExpertShape(hidden: hidden, ffn: expertFfn, activation: activation, hasBiases: expertBiases),
            sharedExpert: beside(sharedFfn),
            hasSharedGate: sharedGate,
            denseExpert: beside(denseFfn),
            outputScale: Float(outputScale)
        )
    }
}
