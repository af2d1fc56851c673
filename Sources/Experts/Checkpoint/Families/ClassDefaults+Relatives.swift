/// Classes of transformers 5.24 whose families have the router of another one.
extension ClassDefaults {
    static let qwen3Next = ClassDefaults(
        "Qwen3NextConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 512, "num_experts": 512,
            "num_experts_per_tok": 10, "num_hidden_layers": 48, "router_aux_loss_coef": 0.001,
            "shared_expert_intermediate_size": 512,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let qwen35Moe = ClassDefaults(
        "Qwen3_5MoeConfig",
        numbers: [
            "hidden_size": 2048, "moe_intermediate_size": 512, "num_experts": 256, "num_experts_per_tok": 8,
            "num_hidden_layers": 40, "router_aux_loss_coef": 0.001, "shared_expert_intermediate_size": 512,
        ],
        words: ["hidden_act": "silu"]
    )

    static let qwen3VLMoe = ClassDefaults(
        "Qwen3VLMoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408, "num_experts": 60,
            "num_experts_per_tok": 4, "num_hidden_layers": 24, "num_local_experts": 60,
            "router_aux_loss_coef": 0.001,
        ],
        words: ["hidden_act": "silu"]
    )

    static let qwen3OmniMoe = ClassDefaults(
        "Qwen3OmniMoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 18_944, "moe_intermediate_size": 768, "num_experts": 128,
            "num_experts_per_tok": 8, "num_hidden_layers": 28, "router_aux_loss_coef": 0.001,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let mellum = ClassDefaults(
        "MellumConfig",
        numbers: [
            "hidden_size": 2304, "intermediate_size": 7168, "moe_intermediate_size": 896, "num_experts": 64,
            "num_experts_per_tok": 8, "num_hidden_layers": 28, "num_local_experts": 64,
            "router_aux_loss_coef": 0.001,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let graniteMoeShared = ClassDefaults(
        "GraniteMoeSharedConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "shared_intermediate_size": 0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let graniteMoeHybrid = ClassDefaults(
        "GraniteMoeHybridConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "shared_intermediate_size": 1024,
        ],
        words: ["hidden_act": "silu"]
    )

    static let hunYuanMoEV1 = ClassDefaults(
        "HunYuanMoEV1Config",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 11_008, "moe_topk": 1, "num_experts": 1,
            "num_experts_per_tok": 1, "num_hidden_layers": 32, "num_local_experts": 1,
        ],
        words: ["hidden_act": "silu"]
    )

    static let hyV3 = ClassDefaults(
        "HYV3Config",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 13_312, "moe_intermediate_size": 1536, "num_experts": 192,
            "num_experts_per_tok": 8, "num_hidden_layers": 80, "num_local_experts": 192, "num_shared_experts": 1,
            "router_scaling_factor": 2.826,
        ],
        words: ["hidden_act": "silu"]
    )

    static let miniMax = ClassDefaults(
        "MiniMaxConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_experts": 8, "num_experts_per_tok": 2,
            "num_hidden_layers": 32, "num_local_experts": 8, "router_aux_loss_coef": 0.001,
            "router_jitter_noise": 0.0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let flexOlmo = ClassDefaults(
        "FlexOlmoConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts": 7, "num_experts_per_tok": 5,
            "num_hidden_layers": 32, "num_local_experts": 7, "router_aux_loss_coef": 0.01,
        ],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu"]
    )

    static let lfm2Moe = ClassDefaults(
        "Lfm2MoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 7168, "moe_intermediate_size": 1792, "num_experts": 32,
            "num_experts_per_tok": 4, "num_hidden_layers": 32, "routed_scaling_factor": 1.0,
        ],
        flags: ["norm_topk_prob": true]
    )

    static let afmoe = ClassDefaults(
        "AfmoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 1408, "num_experts": 64,
            "num_experts_per_tok": 6, "num_hidden_layers": 32, "num_shared_experts": 2, "route_scale": 1.0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let dots1 = ClassDefaults(
        "Dots1Config",
        numbers: [
            "first_k_dense_replace": 0, "hidden_size": 4608, "intermediate_size": 10_944,
            "moe_intermediate_size": 1408, "n_group": 1, "num_hidden_layers": 62, "routed_scaling_factor": 1.0,
            "topk_group": 1,
        ],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu"],
        without: ["n_routed_experts", "n_shared_experts", "num_experts_per_tok", "num_local_experts"]
    )

    static let deepseekV32 = ClassDefaults(
        "DeepseekV32Config",
        numbers: [
            "first_k_dense_replace": 3, "hidden_size": 7168, "intermediate_size": 18_432,
            "moe_intermediate_size": 2048, "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1,
            "num_experts_per_tok": 8, "num_hidden_layers": 61, "num_local_experts": 256,
            "routed_scaling_factor": 2.5, "topk_group": 4,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let glm4vMoe = ClassDefaults(
        "Glm4vMoeConfig",
        numbers: [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 10_944,
            "moe_intermediate_size": 1408, "n_group": 1, "n_routed_experts": 128, "n_shared_experts": 1,
            "num_experts_per_tok": 8, "num_hidden_layers": 46, "num_local_experts": 128,
            "routed_scaling_factor": 1.0, "router_aux_loss_coef": 0.0001, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let glm4MoeLite = ClassDefaults(
        "Glm4MoeLiteConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 10_240, "moe_intermediate_size": 1536, "n_group": 1,
            "n_routed_experts": 64, "n_shared_experts": 1, "num_experts_per_tok": 4, "num_hidden_layers": 47,
            "num_local_experts": 64, "routed_scaling_factor": 1.8, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let glmMoeDsa = ClassDefaults(
        "GlmMoeDsaConfig",
        numbers: [
            "first_k_dense_replace": 3, "hidden_size": 6144, "intermediate_size": 12_288,
            "moe_intermediate_size": 2048, "n_group": 1, "n_routed_experts": 256, "n_shared_experts": 1,
            "num_experts_per_tok": 8, "num_hidden_layers": 78, "num_local_experts": 256,
            "routed_scaling_factor": 2.5, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let bailingHybrid = ClassDefaults(
        "BailingHybridConfig",
        numbers: [
            "first_k_dense_replace": 2, "hidden_size": 2560, "intermediate_size": 6144, "moe_intermediate_size": 768,
            "n_group": 8, "n_shared_experts": 1, "num_expert_group": 8, "num_experts": 512, "num_experts_per_tok": 8,
            "num_experts_per_token": 8, "num_hidden_layers": 42, "num_local_experts": 512, "num_shared_experts": 1,
            "routed_scaling_factor": 2.5, "topk_group": 4,
        ],
        flags: ["moe_renormalize": true, "norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let kimiLinear = ClassDefaults(
        "KimiLinearConfig",
        numbers: [
            "hidden_size": 2304, "intermediate_size": 9216, "moe_intermediate_size": 1024, "n_group": 1,
            "n_shared_experts": 1, "num_expert_group": 1, "num_experts": 256, "num_experts_per_tok": 8,
            "num_experts_per_token": 8, "num_hidden_layers": 27, "num_local_experts": 256, "num_shared_experts": 1,
            "routed_scaling_factor": 2.446, "topk_group": 1,
        ],
        flags: ["moe_renormalize": true, "norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let sarvamMoE = ClassDefaults(
        "SarvamMoEConfig",
        numbers: [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 8192,
            "moe_intermediate_size": 1024, "n_group": 1, "n_routed_experts": 128, "n_shared_experts": 1,
            "num_experts": 128, "num_experts_per_tok": 6, "num_hidden_layers": 19, "num_local_experts": 128,
            "num_shared_experts": 1, "routed_scaling_factor": 2.5, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let sarvamMLA = ClassDefaults(
        "SarvamMLAConfig",
        numbers: [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 16_384,
            "moe_intermediate_size": 2048, "n_group": 1, "n_routed_experts": 128, "n_shared_experts": 1,
            "num_experts": 128, "num_experts_per_tok": 8, "num_hidden_layers": 32, "num_local_experts": 128,
            "num_shared_experts": 1, "routed_scaling_factor": 2.5, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let exaoneMoe = ClassDefaults(
        "ExaoneMoeConfig",
        numbers: [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 16_384,
            "moe_intermediate_size": 1024, "n_group": 1, "num_experts": 64, "num_experts_per_tok": 8,
            "num_hidden_layers": 32, "num_shared_experts": 1, "routed_scaling_factor": 2.5, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let solarOpen = ClassDefaults(
        "SolarOpenConfig",
        numbers: [
            "hidden_size": 4096, "moe_intermediate_size": 1280, "n_group": 1, "n_routed_experts": 128,
            "n_shared_experts": 1, "num_experts_per_tok": 8, "num_hidden_layers": 48, "num_local_experts": 128,
            "routed_scaling_factor": 1.0, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let miMoV2Flash = ClassDefaults(
        "MiMoV2FlashConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 16_384, "moe_intermediate_size": 2048, "n_group": 1,
            "n_routed_experts": 256, "num_experts_per_tok": 8, "num_hidden_layers": 48, "num_local_experts": 256,
            "routed_scaling_factor": 1.0, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )
}
