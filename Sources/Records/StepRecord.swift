/// The record of one step: a batch of tokens through all MoE layers.
public struct StepRecord: Codable, Equatable, Sendable {
    /// Index of the step, counted without the warm-up.
    public var step: Int
    /// Tokens of the step.
    public var tokens: Int
    /// Seconds from tokens in to outputs combined.
    public var seconds: Double
    /// The layers of the step, in order.
    public var layers: [LayerRecord]

    /// A record of one step.
    public init(step: Int, tokens: Int, seconds: Double, layers: [LayerRecord]) {
        self.step = step
        self.tokens = tokens
        self.seconds = seconds
        self.layers = layers
    }
}

/// The way in which a run ended: completed, failed or interrupted.
public enum RunEnd: Equatable, Sendable {
    /// All steps ran.
    case completed
    /// The run ended with an error, which the text gives in one line.
    case failed(String)
    /// The run was stopped, for the reason that the text gives in one line; the steps measured until then count.
    case interrupted(String)
}
