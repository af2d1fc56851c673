import MoE

/// The range in which the modelled clock was checked, and the error to expect beyond it.
///
/// The ranges are those of the published tables that the article *How predictions were validated* lists; the error bars
/// follow from groups of rows that were kept from the fit, and are a judgement where no row differs.
public enum PredictionRange {
    /// One sentence on what lies beyond the checked range in dispatch and combine: kernel, shape, cluster or routing;
    /// empty when nothing does.
    ///
    /// - Parameters:
    ///   - experts: routed experts of a layer.
    ///   - choices: experts per token.
    ///   - isUniform: whether all experts are equally popular; no table of communication has any other routing.
    public static func warnings(
        communication model: CommunicationModel,
        hidden: Int,
        experts: Int,
        choices: Int,
        tokensPerRank: Double,
        isUniform: Bool
    ) -> [String] {
        let isLowLatency = model.kernel == .lowLatency
        var gaps = RangeGaps("communication")
        guard isLowLatency || model.kernel == .normal else {
            gaps.add("\(model.kernel.rawValue) (checked: the normal and low-latency kernels of DeepEP)", bar: nil)
            return gaps.warnings
        }
        gaps.check(model, isLowLatency: isLowLatency)
        gaps.check("hidden", hidden, in: 7168...7168, bar: 0.25)
        gaps.check("experts", experts, in: 256...288, bar: 0.25)
        gaps.check("top-k", choices, in: 8...8, bar: 0.25)
        gaps.check("nodes", model.cluster.nodes, in: 1...(isLowLatency ? 4 : 2), bar: 0.2)
        let few = isLowLatency && tokensPerRank < 16
        gaps.check("tokens per rank", tokensPerRank, in: 1...(isLowLatency ? 2048 : 131_072), bar: few ? 0.3 : 0.2)
        if !isUniform { gaps.add("routing that is not uniform (checked: uniform)", bar: nil) }
        return gaps.warnings
    }

    /// One sentence on what lies beyond the checked range in the products of the experts: hardware, shape or tokens;
    /// empty when nothing does.
    ///
    /// - Parameters:
    ///   - experts: routed experts of a layer.
    ///   - choices: experts per token.
    public static func warnings(
        products model: ComputeModel,
        experts: Int,
        choices: Int,
        ranks: Int,
        tokensPerRank: Double
    ) -> [String] {
        let isDecode = model.kernel == .masked
        let shape = model.work.shape
        var gaps = RangeGaps("expert products")
        if model.profile.constants[isDecode ? .maskedLaunch : .contiguousLaunch]?.basis != .fitted {
            gaps.add("\(model.profile.name), whose efficiencies were measured on other hardware", bar: nil)
        }
        if !model.work.isIn8Bits { gaps.add("bf16 (checked: fp8 blocks)", bar: 0.3) }
        gaps.check("hidden", shape.hidden, in: 7168...7168, bar: 0.3)
        gaps.check("ffn", shape.ffn, in: 2048...2048, bar: 0.3)
        gaps.check("experts", experts, in: 256...256, bar: 0.3)
        gaps.check("top-k", choices, in: 8...8, bar: 0.3)
        gaps.check("ranks", ranks, in: 2...256, bar: 0.18)
        let range = isDecode ? 1.0...128 : 16...16384
        let isNear = (range.lowerBound / 4...range.upperBound * 4).contains(tokensPerRank)
        gaps.check("tokens per rank", tokensPerRank, in: range, bar: isNear ? 0.18 : 0.3)
        return gaps.warnings
    }
}

extension RangeGaps {
    fileprivate mutating func check(_ model: CommunicationModel, isLowLatency: Bool) {
        let profile = model.cluster.profile
        if profile.constants[isLowLatency ? .lowLatencyDispatchLaunch : .nodeDispatchLaunch]?.basis != .fitted {
            // Links that were fitted to measurements of these kernels are half of it.
            let bar = profile.constants[.linkBandwidth]?.basis == .fitted ? 0.25 : nil
            add("\(profile.name), whose kernels have the constants of other hardware", bar: bar)
        }
        if !isLowLatency { check("SMs", Int(profile[.normalSMs]), in: 20...24, bar: 0.25) }
        if model.bytes.dispatch > model.bytes.combine * 0.75 { add("dispatch in bf16 (checked: fp8)", bar: 0.25) }
    }
}

/// The differences of a prediction from everything that was checked, and the error to expect from them.
struct RangeGaps {
    private let topic: String
    private var gaps: [String] = []
    /// The largest error bar, or nil when the error of one of the gaps is unknown.
    private var bar: Double? = 0

    init(_ topic: String) { self.topic = topic }

    mutating func add(_ gap: String, bar: Double?) {
        gaps.append(gap)
        self.bar = self.bar.flatMap { current in bar.map { max(current, $0) } }
    }

    mutating func check(_ name: String, _ value: Int, in range: ClosedRange<Int>, bar: Double) {
        if !range.contains(value) { add("\(name) \(value) (checked: \(Self.text(range)))", bar: bar) }
    }

    mutating func check(_ name: String, _ value: Double, in range: ClosedRange<Double>, bar: Double) {
        guard !range.contains(value), value.isFinite else { return }
        let whole = Int(range.lowerBound)...Int(range.upperBound)
        let rounded = value < 1 ? "below 1" : "\(Int(min(value, 1e15)))"
        add("\(name) \(rounded) (checked: \(Self.text(whole)))", bar: bar)
    }

    /// One sentence about all gaps, or none without gaps.
    var warnings: [String] {
        guard !gaps.isEmpty else { return [] }
        let error =
            bar.map { "may be off by \(Int(($0 * 100).rounded())) %" } ?? "nothing measured says how far off it is"
        return ["\(topic) beyond what was checked: \(gaps.joined(separator: "; ")); \(error)"]
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}

extension LayerModel {
    /// What lies beyond the checked ranges in this model's communication and products, a sentence each.
    ///
    /// - Parameters:
    ///   - asked: experts per token, identity experts among them.
    ///   - isUniform: whether all experts are equally popular.
    public func rangeWarnings(choices asked: Int, tokensPerRank: Double, isUniform: Bool) -> [String] {
        // Copies for identity experts are no rows of any kernel.
        let choices = max(1, asked * model.experts / model.candidates)
        return PredictionRange.warnings(
            communication: communication,
            hidden: model.hidden,
            experts: model.experts,
            choices: choices,
            tokensPerRank: tokensPerRank,
            isUniform: isUniform
        )
            + PredictionRange.warnings(
                products: compute,
                experts: model.experts,
                choices: choices,
                ranks: cluster.ranks,
                tokensPerRank: tokensPerRank
            )
    }
}
