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
        deepseek("ernie-4.5", ["ernie4_5_moe"], selectionBias: "moe_statics.e_score_correction_bias"),
    ]

    /// All experts of a layer in a few tensors.
    private static let fused: [CheckpointFamily] = [
        CheckpointFamily(
            name: "dbrx",
            modelTypes: ["dbrx"],
            layerPrefixes: ["transformer.blocks.{layer}."],
            block: "ffn.",
            router: "router.layer.weight",
            experts: [.dbrx]
        ),
        CheckpointFamily(
            name: "gpt-oss",
            modelTypes: ["gpt_oss"],
            activation: .clampedSwiglu,
            router: "router.weight",
            routerBias: "router.bias",
            experts: [.gptOss(isMXFP4: false), .gptOss(isMXFP4: true)]
        ),
        CheckpointFamily(
            name: "llama-4",
            modelTypes: ["llama4", "llama4_text"],
            layerPrefixes: ["language_model.model.layers.{layer}.", "model.layers.{layer}."],
            block: "feed_forward.",
            router: "router.weight",
            experts: [.llama4],
            shared: .projections("shared_expert.")
        ),
        CheckpointFamily(
            name: "granite",
            modelTypes: ["granitemoe"],
            block: "block_sparse_moe.",
            router: "router.layer.weight",
            experts: [
                .stacks(gateUp: "input_linear.weight", down: "output_linear.weight"),
                .projections("experts.{expert}."),
            ]
        ),
        CheckpointFamily(
            name: "jetmoe",
            modelTypes: ["jetmoe"],
            router: "router.layer.weight",
            experts: [.stacks(gateUp: "input_linear.weight", down: "output_linear.weight")],
            outputBias: "bias"
        ),
    ]

    /// Encoder-decoder models; encoder and decoder count their layers apart.
    private static let encoders: [CheckpointFamily] = [
        switchTransformer("switch-transformers", layer: "encoder.block.{layer}.", block: "layer.1.mlp."),
        switchTransformer("switch-transformers-decoder", layer: "decoder.block.{layer}.", block: "layer.2.mlp."),
        nllb("nllb", layer: "model.encoder.layers.{layer}."),
        nllb("nllb-decoder", layer: "model.decoder.layers.{layer}."),
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
        selectionBias: String? = nil
    ) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: modelTypes,
            aliases: aliases,
            selectionBias: selectionBias,
            shared: .projections("shared_experts."),
            predictionMarker: "eh_proj.weight"
        )
    }

    private static func switchTransformer(_ name: String, layer: String, block: String) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: ["switch_transformers"],
            sharedRouter: "switch-transformers",
            activation: .relu,
            layerPrefixes: [layer],
            block: block,
            router: "router.classifier.weight",
            experts: [.separate("experts.expert_{expert}.", gate: nil, up: "wi", down: "wo")]
        )
    }

    private static func nllb(_ name: String, layer: String) -> CheckpointFamily {
        CheckpointFamily(
            name: name,
            modelTypes: ["nllb-moe"],
            aliases: [name.replacing("nllb", with: "nllb-moe")],
            sharedRouter: "nllb",
            activation: .relu,
            layerPrefixes: [layer],
            block: "ffn.",
            router: "router.classifier.weight",
            experts: [.nllb]
        )
    }
}
