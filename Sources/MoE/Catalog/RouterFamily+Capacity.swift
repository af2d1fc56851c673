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
