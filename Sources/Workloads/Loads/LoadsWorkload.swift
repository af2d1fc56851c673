public import MoE
import Tensors

/// Tokens whose experts are drawn so that each expert gets the share that was recorded of a real model.
///
/// Recorded loads say how often an expert was chosen, not which tokens chose it, so each token's choices are
/// independent of those of other tokens and layers. Hidden states are seeded numbers.
public struct LoadsWorkload: Workload {
    private let file: ExpertLoadFile
    private let layers: Int
    private let limit: GroupChoice?
    private let tokensPerStep: Int
    private let choices: Int
    private let hidden: SeededHiddenStates
    private let cut: SequenceCut

    /// Opens a file of loads for a model.
    ///
    /// - Parameters:
    ///   - path: JSON with `logical_count`, `[layers][experts]`; layers of zeros are dense and left out.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: its layers must be in the file, and its experts those of the file.
    ///   - topK: experts per token, k.
    ///   - limit: the groups of experts that a token may use, or nil for no limit.
    ///   - seed: the seed of choices and hidden states.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens; nil for one sequence.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, too few layers, another number of experts, loads that
    ///   k different experts per token cannot have, or too few experts with any load.
    public init(
        path: String,
        tokensPerStep: Int,
        model: ModelShape,
        topK: Int,
        limit: GroupChoice?,
        seed: UInt64,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        file = try ExpertLoadFile.open(path: path)
        let check = LoadCheck(file: file, model: model, topK: topK, limit: limit)
        try check.run()
        self.tokensPerStep = tokensPerStep
        choices = topK
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        cut = sequenceTokens.map { .every($0) } ?? .nowhere
        layers = model.layers
        self.limit = limit
    }

    /// What a report says about it.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .loads,
            source: fileName(file.path),
            distinctTokens: nil,
            tokensPerStep: tokensPerStep
        )
    }

    /// The tokens of one step.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        let tokens = step * tokensPerStep..<(step + 1) * tokensPerStep
        let outline = try outline(step: step)
        return WorkloadBatch(
            hidden: hidden.rows(tokens),
            gate: .recorded((0..<layers).map { choices(step: step, layer: $0) }),
            sequenceLengths: outline.sequenceLengths
        )
    }

    /// The tokens of one step without their hidden states.
    public func outline(step: Int) throws(WorkloadError) -> StepOutline {
        let lengths = cut.lengths(from: step * tokensPerStep, count: tokensPerStep)
        return StepOutline(tokens: tokensPerStep, sequenceLengths: lengths)
    }

    /// The drawn choices of one layer.
    public func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput {
        .recorded(choices(step: step, layer: layer))
    }

    private func choices(step: Int, layer: Int) -> RecordedChoices {
        let random = CounterRandom(seed: hidden.seed, purpose: .loadedChoice, step, layer)
        let sampler = ChoiceSampler(shares: file.shares[layer], choices: choices, limit: limit)
        let experts = sampler.experts(tokens: tokensPerStep, random: random)
        return RecordedChoices(choicesPerToken: choices, experts: experts, weights: nil)
    }
}

extension LoadsWorkload: ExpectedLoads {
    /// The recorded shares, whatever k.
    public func shares(layer: Int, choices: Int) -> [Double] { file.shares[layer] }
}
