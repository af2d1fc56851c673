extension RouterFamily {
    private static let transformersLoss = LossRule.switchAuxiliary(.topK)

    /// Decoder-only language models; at inference none of them drops anything.
    static let decoders = [
        RouterFamily(
            "mixtral",
            source: "Jiang et al. 2024, arXiv 2401.04088, section 2.1",
            usedBy: "Mixtral 8x7B and 8x22B",
            rule: TopKRule(
                topK: 2,
                normalization: WeightNormalization(),
                losses: [LossTerm(transformersLoss, 0.02)]
            )
        ),
        RouterFamily(
            "dbrx",
            source: "Databricks 2024, modeling_dbrx.py",
            usedBy: "DBRX",
            rule: TopKRule(
                topK: 4,
                normalization: WeightNormalization(power: 1),
                losses: [LossTerm(transformersLoss, 0.05)]
            )
        ),
        RouterFamily(
            "grok-1",
            source: "xAI 2024, grok-1/model.py",
            usedBy: "Grok-1",
            rule: TopKRule(topK: 2)
        ),
        RouterFamily(
            "grok-2",
            source: "SGLang, models/grok.py",
            usedBy: "Grok-2",
            rule: TopKRule(topK: 2, softcap: 30)
        ),
        RouterFamily(
            "arctic",
            source: "Snowflake 2024, modeling_arctic.py; trained with capacity factor 1",
            usedBy: "Snowflake Arctic",
            rule: TopKRule(topK: 2, normalization: WeightNormalization())
        ),
        RouterFamily(
            "olmoe",
            source: "Muennighoff et al. 2024, arXiv 2409.02060, section 2",
            usedBy: "OLMoE-1B-7B",
            rule: TopKRule(topK: 8, losses: [LossTerm(.switchAuxiliary(.one), 0.01), LossTerm(.routerZ, 0.001)])
        ),
        RouterFamily(
            "qwen2-moe",
            source: "Yang et al. 2024, arXiv 2407.10671, section 2.2.2",
            usedBy: "Qwen1.5-MoE, Qwen2-57B-A14B",
            rule: TopKRule(topK: 8, losses: [LossTerm(transformersLoss, 0.001)])
        ),
        RouterFamily(
            "qwen3-moe",
            source: "Yang et al. 2025, arXiv 2505.09388, section 2",
            usedBy: "Qwen3-30B-A3B, Qwen3-235B-A22B",
            rule: TopKRule(
                topK: 8,
                normalization: WeightNormalization(),
                losses: [LossTerm(transformersLoss, 0.001)]
            )
        ),
        RouterFamily(
            "ernie-4.5",
            source: "Baidu 2025, ERNIE 4.5 technical report",
            usedBy: "ERNIE-4.5-21B-A3B",
            rule: TopKRule(
                topK: 6,
                bias: SelectionBias(),
                normalization: WeightNormalization(floor: 1e-12),
                losses: [LossTerm(transformersLoss, 0.001)]
            )
        ),
        RouterFamily(
            "minimax-m2",
            source: "MiniMax 2025, modeling_minimax_m2.py",
            usedBy: "MiniMax-M2",
            rule: TopKRule(
                topK: 8,
                score: .sigmoid,
                bias: SelectionBias(),
                normalization: WeightNormalization(),
                losses: [LossTerm(.switchAuxiliary(.one), 0.001)]
            )
        ),
        RouterFamily(
            "gpt-oss",
            source: "OpenAI 2025, gpt-oss model card; the gate has a bias",
            usedBy: "gpt-oss-20b, gpt-oss-120b",
            rule: TopKRule(topK: 4, score: .softmaxOfChosen, losses: [LossTerm(transformersLoss, 0.001)])
        ),
        RouterFamily(
            "llama-4",
            source: "Meta 2025, modeling_llama4.py",
            usedBy: "Llama-4 Scout and Maverick",
            rule: TopKRule(topK: 1, score: .sigmoid, weightTarget: .input)
        ),
        RouterFamily(
            "granite",
            source: "IBM 2024, modeling_granitemoe.py",
            usedBy: "Granite 3 MoE",
            rule: TopKRule(topK: 8, score: .softmaxOfChosen, losses: [LossTerm(transformersLoss, 0.001)])
        ),
        RouterFamily(
            "jetmoe",
            source: "Shen et al. 2024, arXiv 2404.07413, section 3",
            usedBy: "JetMoE-8B",
            rule: TopKRule(topK: 2, score: .softmaxOfChosen, losses: [LossTerm(transformersLoss, 0.01)])
        ),
        RouterFamily(
            "jamba",
            source: "Lieber et al. 2024, arXiv 2403.19887",
            usedBy: "Jamba",
            rule: TopKRule(topK: 2, losses: [LossTerm(transformersLoss, 0.001)])
        ),
    ]
}
