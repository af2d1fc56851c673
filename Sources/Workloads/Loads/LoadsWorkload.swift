import Basics
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

    /// Open a file of loads for a model.
    ///
    /// - Parameters:
    ///   - path: JSON with `logical_count`, `[layers][experts]`; layers of zeros are dense and left out.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: its layers must be in the file, and its experts those of the file.
    ///   - topK: experts per token, k.
    ///   - limit: the groups of experts that a token may use, or nil for no limit.
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

    /// The summary of the workload for reports.
    public var summary: WorkloadSummary {
        WorkloadSummary(
            kind: .loads,
            source: Folder.name(of: file.path),
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
    /// The recorded share of the copies that each expert got, whatever the number of choices, `[experts]`.
    public func shares(layer: Int, choices: Int) -> [Double] { file.shares[layer] }
}

/// The check that tokens of a model can have the loads of a file.
struct LoadCheck {
    let file: ExpertLoadFile
    let model: ModelShape
    let topK: Int
    let limit: GroupChoice?

    func run() throws(WorkloadError) {
        let (layers, experts) = (file.shares.count, file.shares[0].count)
        guard model.layers <= layers else {
            throw error("holds \(layers) layers with tokens, but model.layers is \(model.layers)")
        }
        guard model.experts == experts else {
            throw error("holds \(experts) experts, but model.experts is \(model.experts)")
        }
        if let limit {
            guard limit.groups <= AllowedGroups.most, experts.isMultiple(of: limit.groups) else {
                throw error(
                    "\(experts) experts in \(limit.groups) groups: at most \(AllowedGroups.most) equal groups are allowed"
                )
            }
            guard experts / limit.groups * limit.kept >= topK else {
                throw error("\(limit.kept) groups of \(experts / limit.groups) experts cannot give \(topK) a token")
            }
        }
        for (layer, shares) in file.shares.prefix(model.layers).enumerated() { try check(shares, layer) }
    }

    /// Check that no expert has more than one copy of each token, and that at least k experts have tokens.
    private func check(_ shares: [Double], _ layer: Int) throws(WorkloadError) {
        let most = 1 / Double(topK)
        if let expert = shares.indices.first(where: { shares[$0] > most * (1 + 1e-6) }) {
            throw error(
                "layer \(layer): expert \(expert) has \(shares[expert]) of the copies; with \(topK) different experts per "
                    + "token at most \(most) are possible"
            )
        }
        let used = shares.count { $0 > 0 }
        guard used >= topK else {
            throw error("layer \(layer): \(used) experts have tokens, but router.top_k is \(topK)")
        }
    }

    private func error(_ message: String) -> WorkloadError {
        WorkloadError(file: file.path, message: message)
    }
}

/// A workload that knows how the copies are spread over experts on average, without drawing any token.
public protocol ExpectedLoads: Workload {
    /// Share of the copies of each expert in one layer, `[experts]`, of sum 1.
    ///
    /// - Parameter choices: different experts per token, k.
    func shares(layer: Int, choices: Int) -> [Double]
}
