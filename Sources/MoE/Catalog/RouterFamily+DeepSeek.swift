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
        biasedSigmoid(
            "glm-4.5",
            source: "GLM-4.5 team 2025, arXiv 2508.06471, section 2; GLM-4.5-Air has scale 1",
            usedBy: "GLM-4.5, GLM-4.5-Air",
            scale: 2.5
        ),
    ]

    /// Sigmoid scores, a selection bias that follows the loads, weights divided by their sum.
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
