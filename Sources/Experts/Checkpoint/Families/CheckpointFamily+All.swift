internal import MoE

extension CheckpointFamily {
    /// Every family, one row each. Names and shapes as Hugging Face transformers saves them, versions 4.57 and 5.23 alike,
    /// unless stated.
    public static let all: [CheckpointFamily] = mixtralLike + qwenLike + deepseekLike + fused + encoders

    /// Mixtral's names: `w1` gate, `w3` up, `w2` down.
    private static let mixtralLike: [CheckpointFamily] = [
        numbered("mixtral", ["mixtral"]),
        numbered("phimoe", ["phimoe"]),
        numbered("minimax-m2", ["minimax_m2"], selectionBias: "e_score_correction_bias"),
        // Snowflake Arctic, whose code comes with the checkpoint.
        numbered(
            "arctic",
            ["arctic"],
            dense: Dense(
                layout: .numbered("residual_mlp."),
                norm: "residual_layernorm.weight",
                expertNorm: "post_attention_layernorm.weight"
            )
        ),
        // Grok-2 in the layout that SGLang loads, cut into tensor-parallel parts. Not opened.
        numbered(
            "grok-2",
            [],
            activation: .geglu,
            outputScale: 0.5.squareRoot(),
            dense: Dense(layout: .projections("mlp."))
        ),
    ]

    /// The names of Llama's MLP for each expert.
    private static let qwenLike: [CheckpointFamily] = [
        CheckpointFamily(name: "olmoe", modelTypes: ["olmoe"]),
        CheckpointFamily(name: "qwen3-moe", modelTypes: ["qwen3_moe"]),
        CheckpointFamily(
            name: "qwen2-moe",
            modelTypes: ["qwen2_moe"],
            shared: .projections("shared_expert."),
            sharedGate: "shared_expert_gate.weight"
        ),
        CheckpointFamily(name: "jamba", modelTypes: ["jamba"], block: "feed_forward.", router: "router.weight"),
    ]

    /// DeepSeek's names, with all shared experts in one; later ones store F8_E4M3 with block scales.
    private static let deepseekLike: [CheckpointFamily] = [
        deepseek("deepseek-moe", ["deepseek"], aliases: ["deepseek-moe-16b"]),
        deepseek("deepseek-v2", ["deepseek_v2"]),
        deepseek("deepseek-v3", ["deepseek_v3"], selectionBias: "gate.e_score_correction_bias"),
        deepseek("kimi-k2", ["kimi_k2"], selectionBias: "gate.e_score_correction_bias"),
        deepseek("glm-4.5", ["glm4_moe"], selectionBias: "gate.e_score_correction_bias"),
        deepseek(
            "ernie-4.5",
            ["ernie4_5_moe"],
            selectionBias: "moe_statics.e_score_correction_bias",
            optional: [.sharedExpert]
        ),
    ]

    private static func numbered(
        _ name: String,
        _ modelTypes: [String],
        activation: Activation = .swiglu,
        outputScale: Double = 1,
        selectionBias: String? = nil,
        dense: Dense? = nil
    ) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: modelTypes,
            outputScale: outputScale,
            activation: activation,
            block: "block_sparse_moe.",
            selectionBias: selectionBias,
            experts: [.numbered("experts.{expert}."), .inMemory],
            dense: dense
        )
    }

    private static func deepseek(
        _ name: String,
        _ modelTypes: [String],
        aliases: [String] = [],
        selectionBias: String? = nil,
        optional: Set<Piece> = []
    ) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: modelTypes,
            aliases: aliases,
            selectionBias: selectionBias,
            shared: .projections("shared_experts."),
            optional: optional,
            predictionMarker: "eh_proj.weight"
        )
    }
}
