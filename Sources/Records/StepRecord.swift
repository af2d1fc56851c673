/// One step: a batch of tokens through all MoE layers.
public struct StepRecord: Codable, Equatable, Sendable {
    /// Index of the step, counted without the warm-up.
    public var step: Int
    /// Tokens of the step.
    public var tokens: Int
    /// From tokens in to outputs combined.
    public var seconds: Double
    /// Its layers, in order.
    public var layers: [LayerRecord]

    /// A record of one step.
    public init(step: Int, tokens: Int, seconds: Double, layers: [LayerRecord]) {
        self.step = step
        self.tokens = tokens
        self.seconds = seconds
        self.layers = layers
    }
}
