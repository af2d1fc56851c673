/// A family of models or a system that routes by a ``TopKRule``: one row of values.
public struct RouterFamily: Sendable {
    /// The name in a configuration.
    public let name: String
    /// Where the rule is published.
    public let source: String
    /// Models and systems that use it.
    public let usedBy: String
    /// The values as published.
    public let rule: TopKRule

    /// A row.
    public init(_ name: String, source: String, usedBy: String, rule: TopKRule) {
        self.name = name
        self.source = source
        self.usedBy = usedBy
        self.rule = rule
    }

    /// All rows, in the order in which help texts list them.
    public static let all = general + decoders + deepSeek + topTwo + capacityLimited

    /// The row of that name.
    public static func named(_ name: String) -> RouterFamily? {
        all.first { $0.name == name }
    }

    /// Rules that belong to no single model.
    static let general = [
        RouterFamily(
            "softmax-top-k",
            source: "Shazeer et al. 2017, arXiv 1701.06538, without noise",
            usedBy: "most models since Switch",
            rule: TopKRule(topK: 2, normalization: WeightNormalization())
        ),
        RouterFamily(
            "keep-top-k",
            source: "the lecture form of Shazeer et al. 2017: bias, fixed noise, capacity k S / E",
            usedBy: "courses",
            rule: TopKRule(
                topK: 2,
                score: .softmaxOfChosen,
                noise: .normal(1),
                capacity: CapacityRule(factor: 1),
                losses: [LossTerm(.importance, 0.1)]
            )
        ),
        RouterFamily(
            "loss-free",
            source: "Wang et al. 2024, arXiv 2408.15664, section 3",
            usedBy: "the 1B and 3B models of that paper",
            rule: TopKRule(
                topK: 6,
                score: .sigmoid,
                bias: SelectionBias(rate: 0.001),
                losses: [LossTerm(.switchAuxiliary(.one))]
            )
        ),
        RouterFamily(
            "megablocks",
            source: "Gale et al. 2022, arXiv 2211.15841, section 5",
            usedBy: "dropless training",
            rule: TopKRule(topK: 1, blockRows: 128, losses: [LossTerm(.switchAuxiliary(.one), 0.1)])
        ),
        RouterFamily(
            "megatron",
            source: "Megatron-Core, transformer/moe/router.py",
            usedBy: "Megatron-Core with a capacity factor",
            rule: TopKRule(
                topK: 2,
                score: .softmaxOfChosen,
                capacity: CapacityRule(factor: 1, order: .probability),
                losses: [LossTerm(.switchAuxiliary(.one), 0.01)]
            )
        ),
    ]
}
