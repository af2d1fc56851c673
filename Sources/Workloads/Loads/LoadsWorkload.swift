import Basics
public import MoE
import Tensors

/// Tokens whose experts are drawn so that each expert gets the share that was recorded of a real model.
///
/// Recorded loads say how often an expert was chosen, not which tokens chose it, so each token's choices are
/// independent of those of other tokens and layers. Hidden states are seeded numbers.
public struct LoadsWorkload: Workload {
    private let path: String
    private let loads: [[Double]]
    /// The odds of the experts of each layer, and what draws tokens by them.
    private let fits: [ChoiceFit]
    private let samplers: [ChoiceSampler]
    private let tokensPerStep: Int
    private let choices: Int
    private let hidden: SeededHiddenStates
    private let cut: SequenceCut
    /// What of the file was left out, a sentence each.
    public let notes: [String]

    /// Open a file of loads for a model.
    ///
    /// - Parameters:
    ///   - path: a file as ``ExpertLoadFile`` reads it.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: its layers must be in the file, and its experts those of the file.
    ///   - topK: experts per token, k.
    ///   - limit: the groups of experts that a token may use, or nil for no limit.
    ///   - layers: the layers whose loads are taken, by their numbers in the file; nil for the first with tokens.
    ///   - recordedStep: the recorded step whose loads are taken; nil for the sum of all.
    ///   - seed: the seed of choices and hidden states.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens; nil for one sequence.
    /// - Throws: ``WorkloadError`` for a file that cannot be read, too few layers, another number of experts, loads
    ///   that k different experts per token cannot have, or too few experts with any load.
    public init(
        path: String,
        tokensPerStep: Int,
        model: ModelShape,
        topK: Int,
        limit: GroupChoice?,
        layers: LayerChoice? = nil,
        recordedStep: Int? = nil,
        seed: UInt64,
        sequenceTokens: Int? = nil
    ) throws(WorkloadError) {
        let file = try ExpertLoadFile.open(path: path, step: recordedStep)
        let check = LoadCheck(file: file, model: model, topK: topK, limit: limit)
        let chosen = try check.layers(layers)
        loads = chosen.layers.map(\.shares)
        notes = file.notes + chosen.notes
        fits = try check.fits(chosen.layers)
        samplers = fits.map(ChoiceSampler.init)
        self.path = path
        self.tokensPerStep = tokensPerStep
        choices = topK
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        cut = sequenceTokens.map { .every($0) } ?? .nowhere
    }

    /// The summary of the workload for reports.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .loads,
            source: Folder.name(of: path),
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
            gate: .recorded(samplers.indices.map { choices(step: step, layer: $0) }),
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
        let experts = samplers[layer].experts(tokens: tokensPerStep, random: random)
        return RecordedChoices(choicesPerToken: choices, experts: experts, weights: nil)
    }
}

extension LoadsWorkload: ExpectedLoads {
    /// The recorded share of the copies that each expert got, whatever the number of choices, `[experts]`.
    public func shares(step: Int, layer: Int, choices: Int) -> [Double] { loads[layer] }

    /// The odds of the experts of a layer, which were found when the file was opened.
    public func fit(step: Int, layer: Int) -> ChoiceFit? { fits[layer] }
}

/// A workload that knows how the copies are spread over experts on average, without drawing any token.
public protocol ExpectedLoads: Workload {
    /// Share of the copies of each expert in one layer, `[experts]`, of sum 1.
    ///
    /// - Parameter choices: different experts per token, k.
    func shares(step: Int, layer: Int, choices: Int) -> [Double]

    /// The odds with which the workload's tokens have these shares, where it has found them; else nil.
    func fit(step: Int, layer: Int) -> ChoiceFit?
}

extension ExpectedLoads {
    /// Nil: the odds are not known.
    public func fit(step: Int, layer: Int) -> ChoiceFit? { nil }
}
