import Foundation
public import MoE
import Tensors

/// Seeded tokens, and a gate whose logits follow a given popularity of the experts.
///
/// The logit of an expert is the logarithm of its popularity plus Gumbel noise, independent for every token. The k
/// largest are then a draw of k different experts in proportion to popularity, for any k. Source: Kool, van Hoof and
/// Welling, 'Stochastic beams and where to find them', ICML 2019, section 2.
public struct SyntheticWorkload: Workload {
    private let distribution: ExpertDistribution
    private let change: PopularityChange?
    private let popularity: [ExpertPopularity]
    private let experts: Int
    private let tokensPerStep: Int
    private let hidden: SeededHiddenStates
    private let cut: SequenceCut

    /// Create seeded tokens for the layers, experts and token width of a model.
    ///
    /// - Parameters:
    ///   - distribution: how often the experts are chosen.
    ///   - seed: the seed of popularity, choices and hidden states.
    ///   - change: how the popularity changes over time; nil for one that stays.
    ///   - tokensPerStep: tokens of one step, T; at least 1.
    ///   - model: gives the number of layers, the number of experts and the width of the tokens.
    ///   - sequenceTokens: cuts each step into sequences of so many tokens, the last one the rest; at least 1. Nil for
    ///     one sequence.
    public init(
        distribution: ExpertDistribution,
        seed: UInt64,
        change: PopularityChange? = nil,
        tokensPerStep: Int,
        model: ModelShape,
        sequenceTokens: Int? = nil
    ) {
        self.distribution = distribution
        self.change = change
        self.tokensPerStep = tokensPerStep
        cut = sequenceTokens.map { .every($0) } ?? .nowhere
        experts = model.candidates
        hidden = SeededHiddenStates(seed: seed, hidden: model.hidden)
        popularity = (0..<model.layers).map { layer in
            ExpertPopularity(distribution, seed: seed, layer: layer, experts: model.candidates, tokens: tokensPerStep)
        }
    }

    /// The summary of the workload for reports.
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
        let logarithms = logarithms(step: step, layer: layer)
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
    /// The expected shares of the copies when k different experts are drawn in proportion to popularity.
    public func shares(step: Int, layer: Int, choices: Int) -> [Double] {
        InclusionShares.shares(logarithms: logarithms(step: step, layer: layer), choices: choices)
    }

    /// The logarithms of the experts' popularity in a step, `[experts]`.
    private func logarithms(step: Int, layer: Int) -> [Double] {
        let base = popularity[layer].logarithms
        guard let change else { return base }
        return change.logarithms(base, step: step, layer: layer) { draw in
            let seed = CounterRandom(seed: change.seed, purpose: .popularityChange, layer, draw).word(0)
            return ExpertPopularity(
                distribution,
                seed: change.seed &+ UInt64(seed),
                layer: layer,
                experts: experts,
                tokens: tokensPerStep
            ).logarithms
        }
    }
}

/// The shares of experts among k different draws in proportion to their popularity.
///
/// A single draw has the shares of the popularities. An expert of popularity p is among more with a probability of close
/// to 1 - exp(-c p), with c such that k are expected. Source: Rosén, 'Asymptotic theory for successive sampling', Annals
/// of Mathematical Statistics 43 (2), 1972.
enum InclusionShares {
    /// The share of each expert in the copies, `[experts]`, of sum 1.
    ///
    /// - Parameters:
    ///   - logarithms: logarithms of the popularity up to one common summand, `[experts]`.
    ///   - choices: draws per token, k; at most as many as experts.
    static func shares(logarithms: [Double], choices: Int) -> [Double] {
        guard choices < logarithms.count else {
            return logarithms.map { _ in 1 / Double(logarithms.count) }
        }
        let most = logarithms.max() ?? 0
        let popularity = logarithms.map { exp($0 - most) }
        if choices == 1 {
            let sum = popularity.reduce(0, +)
            return popularity.map { $0 / sum }
        }
        // The expected number rises with c: halving the logarithm of c finds it to the last bits.
        var (low, high) = (-60.0, 700.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            let expected = popularity.reduce(0) { $0 - expm1(-exp(middle) * $1) }
            if expected < Double(choices) { low = middle } else { high = middle }
        }
        let included = popularity.map { -expm1(-exp(low) * $0) }
        let sum = included.reduce(0, +)
        return included.map { $0 / sum }
    }
}

/// The popularity of the experts of one layer, as logarithms, which neither overflow nor vanish.
struct ExpertPopularity {
    /// The logarithm of each expert's popularity, up to one common summand; `[experts]`.
    let logarithms: [Double]

    /// Draw the popularity of one layer; which experts are popular differs from layer to layer.
    ///
    /// - Parameters:
    ///   - tokens: tokens of one step, the scale of a power law.
    init(_ distribution: ExpertDistribution, seed: UInt64, layer: Int, experts: Int, tokens: Int) {
        let random = CounterRandom(seed: seed, purpose: .expertPopularity, layer)
        switch distribution {
        case .uniform:
            logarithms = [Double](repeating: 0, count: experts)
        case .zipf(let exponent):
            logarithms = Self.ranks(experts, random).map { -exponent * log(Double($0)) }
        case .logNormal(let sigma):
            logarithms = (0..<experts).map { sigma * Self.normal($0, random) }
        case .powerLaw(let exponent):
            let top = log(max(1, 0.8 * Double(tokens)))
            logarithms = (0..<experts).map {
                Self.powerLawLogarithm(random.uniformDouble($0), exponent: exponent, logOfTop: top)
            }
        }
    }

    /// A seeded permutation of 1...count: the rank of each expert.
    private static func ranks(_ count: Int, _ random: CounterRandom) -> [Int] {
        let keys = (0..<count).map { random.uniformDouble($0) }
        let order = (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
        return order.enumerated().reduce(into: [Int](repeating: 0, count: count)) { ranks, item in
            ranks[item.element] = item.offset + 1
        }
    }

    /// A standard normal number. Source: Box and Muller, 'A note on the generation of random normal deviates', 1958.
    private static func normal(_ index: Int, _ random: CounterRandom) -> Double {
        let radius = (-2 * log(random.uniformDouble(2 * index))).squareRoot()
        return radius * cos(2 * Double.pi * random.uniformDouble(2 * index + 1))
    }

    /// The logarithm of the inverse CDF of the density x^-exponent on [1, top] at `uniform`.
    ///
    /// With s = 1 - exponent, x = (1 + u·(top^s - 1))^(1/s), which becomes top^u at s = 0.
    static func powerLawLogarithm(_ uniform: Double, exponent: Double, logOfTop: Double) -> Double {
        let power = 1 - exponent
        if power == 0 { return uniform * logOfTop }
        return log1p(uniform * expm1(power * logOfTop)) / power
    }
}

/// The frequencies at which a synthetic gate chooses the experts of a layer.
public enum ExpertDistribution: Equatable, Sendable {
    /// All experts equally often.
    case uniform
    /// Each expert in proportion to r^-exponent, r being its rank in popularity.
    case zipf(exponent: Double)
    /// Each expert in proportion to exp(sigma · z), z normal.
    case logNormal(sigma: Double)
    /// Each expert in proportion to a draw from the density x^-exponent on [1, 0.8 · tokens], the workload that
    /// NVIDIA's AIConfigurator measures expert products with.
    case powerLaw(exponent: Double)
}

/// Hidden states that carry no meaning: uniform on [-√3, √3), so that mean is 0 and variance 1.
struct SeededHiddenStates: Sendable {
    /// The bound that gives a uniform distribution variance 1.
    static let bound = Float(3).squareRoot()

    let seed: UInt64
    /// Width of a token, H.
    let hidden: Int

    /// The hidden states of some tokens, `[tokens.count, hidden]`; a token's row depends on (seed, token) only.
    func rows(_ tokens: some Collection<Int>) -> Matrix {
        var matrix = Matrix(rows: tokens.count, columns: hidden)
        var row = [Float](repeating: 0, count: hidden)
        for (index, token) in tokens.enumerated() {
            let stream = CounterRandom(seed: seed, purpose: .hiddenStates, token & 0xFFFF_FFFF, token >> 32)
            stream.fill(&row, bound: Self.bound)
            matrix.values.replaceSubrange(matrix.indices(ofRow: index), with: row)
        }
        return matrix
    }
}
