public import MoE

/// The section `model`: shape and arithmetic of the stack of layers.
public struct ModelConfiguration: Codable, Equatable, Sendable {
    /// The catalogue entry that the shape was taken from, or nil.
    public var preset: String?
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
    /// Inner width of all shared experts of a layer together; 0 means none.
    public var sharedFfn = 0
    /// Number type of the experts' matrix products.
    public var dtype = NumberFormat.f32

    /// The defaults.
    public init() {}
}
