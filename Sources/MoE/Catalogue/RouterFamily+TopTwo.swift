extension RouterFamily {
    /// The epsilon of single precision, 2^-23: the least divisor of gate weights in DeepSpeed and NLLB.
    private static let singleEpsilon = 0x1p-23
    private static let firstChoiceLoss = [LossTerm(.firstChoice, 0.01)]

    /// Families of GShard's top-2 router and its descendants, which route differently, not just faster or slower.
    static let topTwo = [
        RouterFamily(
            "gshard",
            source: "Lepikhin et al. 2020, arXiv 2006.16668, algorithm 1",
            usedBy: "GShard",
            rule: TopKRule(
                topK: 2,
                normalization: WeightNormalization(),
                further: .random(threshold: 0.5),
                skippedTakePlaces: true,
                capacity: CapacityRule(factor: 1, order: .choice),
                losses: firstChoiceLoss
            )
        ),
        RouterFamily(
            "glam",
            source: "Du et al. 2021, arXiv 2112.06905, section 4",
            usedBy: "GLaM",
            rule: TopKRule(
                topK: 2,
                normalization: WeightNormalization(),
                further: .random(threshold: 0.5),
                skippedTakePlaces: true,
                capacity: CapacityRule(size: .tokens(2), order: .choice),
                losses: firstChoiceLoss
            )
        ),
        RouterFamily(
            "mesh-top-2",
            source: "Mesh TensorFlow, transformer/moe.py",
            usedBy: "T5 mixtures of experts",
            rule: mesh(losses: firstChoiceLoss)
        ),
        RouterFamily(
            "st-moe",
            source: "Zoph et al. 2022, arXiv 2202.08906, sections 2 and 3",
            usedBy: "ST-MoE-L, ST-MoE-32B",
            rule: mesh(losses: firstChoiceLoss + [LossTerm(.routerZ, 0.001)])
        ),
        RouterFamily(
            "lingvo-legacy",
            source: "lingvo, core/gshard_layers.py, legacy_mtf_behavior",
            usedBy: "lingvo",
            rule: lingvo(WeightNormalization(epsilon: 1e-9))
        ),
        RouterFamily(
            "lingvo",
            source: "lingvo, core/gshard_layers.py",
            usedBy: "lingvo",
            rule: lingvo(WeightNormalization(.afterDrop, epsilon: 1e-9))
        ),
        RouterFamily(
            "deepspeed-top-2",
            source: "DeepSpeed, moe/sharded_moe.py, top2gating",
            usedBy: "DeepSpeed, fairscale, Arctic in training",
            rule: TopKRule(
                topK: 2,
                normalization: WeightNormalization(.afterDrop, floor: singleEpsilon),
                further: .sampling,
                capacity: CapacityRule(factor: 1, minimum: 4, order: .choice),
                losses: firstChoiceLoss
            )
        ),
        RouterFamily(
            "nllb",
            source: "NLLB team 2022, arXiv 2207.04672, section 6.2; transformers modeling_nllb_moe.py",
            usedBy: "NLLB-200 54B, fairseq",
            rule: TopKRule(
                topK: 2,
                normalization: WeightNormalization(.afterDrop, floor: singleEpsilon),
                capacity: CapacityRule(size: .roundedTokens(2), order: .choice),
                losses: [LossTerm(.switchAuxiliary(.topK), 0.001)]
            )
        ),
    ]

    private static func mesh(losses: [LossTerm]) -> TopKRule {
        TopKRule(
            topK: 2,
            normalization: WeightNormalization(epsilon: 1e-9),
            further: .random(threshold: 0.2),
            capacity: CapacityRule(size: .tokens(1.25), minimum: 4, rounding: .down, order: .choice),
            losses: losses
        )
    }

    private static func lingvo(_ normalization: WeightNormalization) -> TopKRule {
        TopKRule(
            topK: 2,
            normalization: normalization,
            capacity: CapacityRule(size: .tokens(2), minimum: 4, rounding: .down, multiple: 4, order: .choice),
            losses: firstChoiceLoss
        )
    }
}
