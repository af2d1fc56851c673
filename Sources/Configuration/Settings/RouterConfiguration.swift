/// The section `router`: which experts see which tokens, with what weight, and what happens to a full expert.
public struct RouterConfiguration: Codable, Equatable, Sendable {
    /// The routing rule.
    public var kind = RouterKind.softmaxTopK
    /// Experts per token, k.
    public var topK = 2
    /// Divides the k weights of a token by their sum (softmax top-k).
    public var normalize = true
    /// Multiplies every weight (softmax top-k).
    public var scale = 1.0
    /// Standard deviation of the seeded gate's logits for an RMS-normed token.
    public var logitStd = 1.0
    /// Whether a full expert drops copies.
    public var drop = DropPolicy.none
    /// Slots of an expert relative to an even share of the copies (drop by position).
    public var capacityFactor = 1.25
    /// Slots that an expert has at least (drop by position).
    public var minCapacity = 4
    /// Added to the softplus of the noise projection (noisy top-k).
    public var noiseEpsilon = 0.01
    /// Coefficient of the importance loss (noisy top-k).
    public var importanceLoss = 0.1
    /// Coefficient of the load loss (noisy top-k).
    public var loadLoss = 0.1

    /// The defaults.
    public init() {}
}
