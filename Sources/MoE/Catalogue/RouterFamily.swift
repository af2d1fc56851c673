/// A family of models or a system that routes by a ``TopKRule``: one row of values.
public struct RouterFamily: Sendable {
    /// The name of the family's router in a configuration.
    public let name: String
    /// The publication or code that defines the rule.
    public let source: String
    /// Models and systems that use the rule.
    public let usedBy: String
    /// The rule with its published values.
    public let rule: TopKRule

    /// Create the row of a router family: name, source, users and rule.
    public init(_ name: String, source: String, usedBy: String, rule: TopKRule) {
        self.name = name
        self.source = source
        self.usedBy = usedBy
        self.rule = rule
    }

    /// All router families, in the order in which help texts list them.
    public static let all = general + decoders + deepSeek + topTwo + capacityLimited

    /// The family called `name`, or nil.
    public static func named(_ name: String) -> RouterFamily? {
        all.first { $0.name == name }
    }

    /// Families whose rule is a general one and belongs to no single model.
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

extension RouterFamily {
    private static let switchLoss = LossTerm(.switchAuxiliary(.one), 0.01)

    /// Switch and other systems with queues of fixed length.
    static let capacityLimited = [
        RouterFamily(
            "switch",
            source: "Fedus et al. 2021, arXiv 2101.03961, section 2",
            usedBy: "Switch Transformers",
            rule: switchRule()
        ),
        RouterFamily(
            "switch-max",
            source: "Mesh TensorFlow, transformer/moe.py, switch_max",
            usedBy: "Mesh TensorFlow",
            rule: switchRule(order: .probability)
        ),
        RouterFamily(
            "switch-ntlb",
            source: "Fedus et al. 2021, arXiv 2101.03961, appendix B (no token left behind)",
            usedBy: "Switch, in ablations",
            rule: switchRule(overflow: .nextChoices(3))
        ),
        RouterFamily(
            "switch-transformers",
            source: "Hugging Face transformers, modeling_switch_transformers.py: a constant capacity per sequence",
            usedBy: "Switch checkpoints in transformers",
            rule: TopKRule(
                topK: 1,
                inputJitter: 0.01,
                capacity: CapacityRule(size: .slots(64), scope: .sequences),
                losses: [LossTerm(.switchAuxiliary(.one), 0.001), LossTerm(.routerZ, 0.001)]
            )
        ),
        RouterFamily(
            "tokens-choose",
            source: "flaxformer, architectures/moe/routing.py, TokensChooseMaskedRouter",
            usedBy: "flaxformer, ST-MoE code",
            rule: tokensChoose(.choice)
        ),
        RouterFamily(
            "batch-prioritised",
            source: "Riquelme et al. 2021, arXiv 2106.05974, section 4",
            usedBy: "V-MoE, ST-MoE encoders",
            rule: tokensChoose(.batchPrioritised)
        ),
        RouterFamily(
            "deepspeed-top-1",
            source: "DeepSpeed, moe/sharded_moe.py, top1gating with random token selection",
            usedBy: "DeepSpeed-MoE",
            rule: TopKRule(
                topK: 1,
                capacity: CapacityRule(size: .tokens(1), minimum: 4, order: .random),
                losses: [switchLoss]
            )
        ),
        RouterFamily(
            "deepspeed-top-k",
            source: "DeepSpeed, moe/sharded_moe.py, topkgating",
            usedBy: "DeepSpeed-MoE",
            rule: TopKRule(
                topK: 2,
                normalization: WeightNormalization(.afterDrop, floor: 0x1p-23),
                capacity: CapacityRule(factor: 1, minimum: 4, order: .probability),
                losses: [switchLoss]
            )
        ),
    ]

    private static func switchRule(
        order: ContestOrder = .position,
        overflow: CapacityRule.Overflow = .drop
    ) -> TopKRule {
        TopKRule(
            topK: 1,
            inputJitter: 0.01,
            capacity: CapacityRule(
                size: .tokens(1.25),
                minimum: 4,
                rounding: .down,
                order: order,
                overflow: overflow
            ),
            losses: [switchLoss]
        )
    }

    private static func tokensChoose(_ order: ContestOrder) -> TopKRule {
        TopKRule(
            topK: 2,
            capacity: CapacityRule(size: .tokens(1.25), minimum: 4, rounding: .nearest, order: order),
            losses: [LossTerm(.switchAuxiliary(.topK), 0.01), LossTerm(.routerZ, 0.0001)]
        )
    }
}

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
            "longcat-flash",
            source:
                "Meituan 2025, arXiv 2509.01322, section 2.1; modeling_longcat_flash.py; ranks identity experts, too",
            usedBy: "LongCat-Flash",
            rule: TopKRule(topK: 12, bias: SelectionBias(), scale: 6)
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

extension RouterFamily {
    /// DeepSeek's models and those that took over DeepSeek-V3's router.
    static let deepSeek = [
        RouterFamily(
            "deepseek-moe",
            source: "Dai et al. 2024, arXiv 2401.06066, section 3",
            usedBy: "DeepSeekMoE-16B",
            rule: TopKRule(topK: 6, losses: [LossTerm(.sequence, 0.001)])
        ),
        RouterFamily(
            "deepseek-v2",
            source: "DeepSeek-AI 2024, arXiv 2405.04434, sections 2.1.2 to 2.1.4",
            usedBy: "DeepSeek-V2, DeepSeek-V2.5",
            rule: TopKRule(
                topK: 6,
                groups: GroupLimit(groups: 8, kept: 3, score: .largest, mask: .zero),
                scale: 16,
                losses: [
                    LossTerm(.switchAuxiliary(.one), 0.003),
                    LossTerm(.device(8), 0.05),
                    LossTerm(.communication(devices: 8, limit: 3), 0.02),
                ]
            )
        ),
        RouterFamily(
            "deepseek-v2-lite",
            source: "DeepSeek-AI 2024, arXiv 2405.04434, appendix B",
            usedBy: "DeepSeek-V2-Lite",
            rule: TopKRule(topK: 6, losses: [LossTerm(.sequence, 0.001)])
        ),
        biasedSigmoid(
            "deepseek-v3",
            source: "DeepSeek-AI 2024, arXiv 2412.19437, section 2.1.2",
            usedBy: "DeepSeek-V3, DeepSeek-R1",
            groups: GroupLimit(groups: 8, kept: 4, score: .sumOfLargest(2)),
            scale: 2.5
        ),
        biasedSigmoid(
            "kimi-k2",
            source: "Moonshot AI 2025, arXiv 2507.20534, section 2",
            usedBy: "Kimi-K2",
            scale: 2.827
        ),
        RouterFamily(
            "lfm2-moe",
            source: "Liquid AI 2025, modeling_lfm2_moe.py",
            usedBy: "LFM2-8B-A1B",
            rule: TopKRule(
                topK: 4,
                score: .sigmoid,
                bias: SelectionBias(),
                normalization: WeightNormalization(epsilon: 1e-6)
            )
        ),
        biasedSigmoid(
            "glm-4.5",
            source: "GLM-4.5 team 2025, arXiv 2508.06471, section 2; GLM-4.5-Air has scale 1",
            usedBy: "GLM-4.5, GLM-4.5-Air, and with settings of their own GLM-5, dots1, EXAONE-MoE, MiMo-V2-Flash",
            scale: 2.5
        ),
    ]

    /// A family like DeepSeek-V3: sigmoid scores, a selection bias that follows the loads, weights divided by their
    /// sum.
    private static func biasedSigmoid(
        _ name: String,
        source: String,
        usedBy: String,
        groups: GroupLimit? = nil,
        scale: Double
    ) -> RouterFamily {
        RouterFamily(
            name,
            source: source,
            usedBy: usedBy,
            rule: TopKRule(
                topK: 8,
                score: .sigmoid,
                bias: SelectionBias(rate: 0.001),
                groups: groups,
                normalization: WeightNormalization(epsilon: 1e-20),
                scale: scale,
                losses: [LossTerm(.sequence, 0.0001)]
            )
        )
    }
}
