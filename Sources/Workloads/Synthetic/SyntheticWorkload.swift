import Foundation
public import MoE
import Tensors

/// Seeded tokens, and a gate whose logits follow a given popularity of the experts.
///
/// The logit of an expert is the logarithm of its popularity plus Gumbel noise, independent for every token. The k
/// largest are then a draw of k different experts in proportion to popularity, for any k. Source: Kool, van Hoof and
/// Welling, 'Stochastic beams and where to find them', ICML 2019, section 2.
public struct SyntheticWorkload: Workload {
    private let popularity: [ExpertPopularity]
    private let experts: Int
    private let tokensPerStep: Int
    private let hidden: SeededHiddenStates
    private let cut: SequenceCut

    /// Tokens for a model.
    ///
    /// - Parameters:
    ///   - distribution: how often the experts are chosen.
    ///   - seed: the seed of popularity, choices and hidden states.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: gives the number of layers, the number of experts and the width of the tokens.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     one sequence.
    public init(
        distribution: ExpertDistribution,
        seed: UInt64,
        tokensPerStep: Int,
        model: ModelShape,
        sequenceTokens: Int? = nil
    ) {
        self.tokensPerStep = tokensPerStep
        cut = sequenceTokens.map { .every($0) } ?? .nowhere
        experts = model.experts
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        popularity = (0..<model.layers).map { layer in
            ExpertPopularity(distribution, seed: seed, layer: layer, experts: model.experts, tokens: tokensPerStep)
        }
    }

    /// What a report says about it.
    public var summary: WorkloadSummary {
        WorkloadSummary(kind: .synthetic, source: nil, distinctTokens: nil, tokensPerStep: tokensPerStep)
    }

    /// The tokens of one step; logits for all layers take layers · tokens · experts · 4 bytes.
    public func batch(step: Int) throws(WorkloadError) -> WorkloadBatch {
        let tokens = step * tokensPerStep..<(step + 1) * tokensPerStep
        let logits = popularity.indices.map { layerLogits(step: step, layer: $0) }
        let lengths = try outline(step: step).sequenceLengths
        return WorkloadBatch(hidden: hidden.rows(tokens), gate: .logits(logits), sequenceLengths: lengths)
    }

    /// The tokens of one step without their hidden states.
    public func outline(step: Int) throws(WorkloadError) -> StepOutline {
        let lengths = cut.lengths(from: step * tokensPerStep, count: tokensPerStep)
        return StepOutline(tokens: tokensPerStep, sequenceLengths: lengths)
    }

    /// The logits of one layer.
    public func gate(step: Int, layer: Int) throws(WorkloadError) -> LayerGateInput {
        .logits(layerLogits(step: step, layer: layer))
    }

    private func layerLogits(step: Int, layer: Int) -> Matrix {
        let random = CounterRandom(seed: hidden.seed, purpose: .expertChoice, step, layer)
        let logarithms = popularity[layer].logarithms
        var values: [Float] = []
        values.reserveCapacity(tokensPerStep * experts)
        for token in 0..<tokensPerStep {
            for expert in 0..<experts {
                let gumbel = -log(-log(random.uniformDouble(token * experts + expert)))
                values.append(Float(logarithms[expert] + gumbel))
            }
        }
        return Matrix(rows: tokensPerStep, columns: experts, values: values)
    }
}

extension SyntheticWorkload: ExpectedLoads {
    /// The shares that k different draws in proportion to popularity have.
    public func shares(layer: Int, choices: Int) -> [Double] {
        InclusionShares.shares(logarithms: popularity[layer].logarithms, choices: choices)
    }
}
