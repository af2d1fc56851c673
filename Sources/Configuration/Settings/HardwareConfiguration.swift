public import CostModel

/// The section `hardware`: the cluster that a prediction is for. A live run does not read it.
public struct HardwareConfiguration: Codable, Equatable, Sendable {
    /// The hardware profile, by its name or its file.
    public var profile = "H100-SXM"
    /// How tokens travel between ranks.
    public var kernel = CommunicationKernel.normal
    /// Number type of the experts' weights and products.
    public var products = HardwareFormat.fp8
    /// Number type of tokens on their way to the experts.
    public var dispatch = HardwareFormat.fp8
    /// Whether tokens are routed one by one.
    public var routing = PredictedRouting.tokens
    /// A rank that is slower than the others, or nil.
    public var stragglerRank: Int?
    /// What multiplies the time of its computations.
    public var stragglerFactor = 2.0
    /// Memory of each rank that something else needs, in GB.
    public var reservedGB = 0.0

    /// The defaults.
    public init() {}
}
