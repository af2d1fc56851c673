/// What a run may set about its router. Each router reads the options that it knows.
public struct RouterOptions: Equatable, Sendable {
    /// Choices per token, k.
    public var topK: Int
    /// True to divide the k weights of a token by their sum (softmax top-k).
    public var normalize: Bool
    /// Multiplies every weight (softmax top-k).
    public var scale: Float
    /// Coefficient of the balance loss of Switch (softmax top-k).
    public var auxiliaryLoss: Double
    /// Added to the softplus that scales the noise (noisy top-k).
    public var noiseEpsilon: Double
    /// Coefficient of the importance loss (noisy top-k).
    public var importanceLoss: Double
    /// Coefficient of the load loss (noisy top-k).
    public var loadLoss: Double
    /// How many copies an expert takes, or nil to drop nothing (all routers).
    public var capacity: CapacityRule?

    /// Options, each with the default of the configuration.
    public init(
        topK: Int = 2,
        normalize: Bool = true,
        scale: Float = 1,
        auxiliaryLoss: Double = 0,
        noiseEpsilon: Double = 0.01,
        importanceLoss: Double = 0.1,
        loadLoss: Double = 0.1,
        capacity: CapacityRule? = nil
    ) {
        self.topK = topK
        self.normalize = normalize
        self.scale = scale
        self.auxiliaryLoss = auxiliaryLoss
        self.noiseEpsilon = noiseEpsilon
        self.importanceLoss = importanceLoss
        self.loadLoss = loadLoss
        self.capacity = capacity
    }
}
