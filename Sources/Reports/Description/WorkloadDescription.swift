public import Figures

/// The description of a run's tokens.
public struct WorkloadDescription: Codable, Equatable, Sendable {
    /// One line, for example `activations from minilm.safetensors: 4096 tokens, cycled 2.5 times`.
    public var summary: String
    /// Tokens of a step.
    public var tokensPerStep: Int
    /// How often the run went through a real input, or nil for input that has no end; above 1 it was cycled.
    @OrNull public var cycles: Double?

    /// A workload in one line.
    public init(summary: String, tokensPerStep: Int, cycles: Double?) {
        self.summary = summary
        self.tokensPerStep = tokensPerStep
        self.cycles = cycles
    }
}

extension WorkloadDescription: KeyMeanings {
    /// What its keys are.
    public static let meanings = [
        "cycles":
            "How often the run went through a real input, or null for input that has no end; above 1 it was cycled.",
        "summary": "One line, for example `activations from minilm.safetensors: 4096 tokens, cycled 2.5 times`.",
        "tokens_per_step": "Tokens of a step.",
    ]
}
