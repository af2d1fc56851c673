import Basics

/// Classes of transformers 5.24 whose families have the router of another one.
extension ClassDefaults {
    static let longcatFlash = ClassDefaults(
        "LongcatFlashConfig",
        [
            "expert_ffn_hidden_size": 2048, "ffn_hidden_size": 12_288, "hidden_size": 6144, "intermediate_size": 12_288,
            "moe_intermediate_size": 2048, "moe_topk": 12, "n_routed_experts": 512, "num_experts_per_tok": 12,
            "num_hidden_layers": 56, "num_layers": 28, "num_local_experts": 512, "routed_scaling_factor": 6.0,
            "zero_expert_num": 256,
        ]
    )

    static let qwen3Next = ClassDefaults(
        "Qwen3NextConfig",
        [
            "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 512, "norm_topk_prob": true,
            "num_experts": 512, "num_experts_per_tok": 10, "num_hidden_layers": 48, "router_aux_loss_coef": 0.001,
            "shared_expert_intermediate_size": 512,
        ]
    )

    static let qwen35Moe = ClassDefaults(
        "Qwen3_5MoeConfig",
        [
            "hidden_size": 2048, "moe_intermediate_size": 512, "num_experts": 256, "num_experts_per_tok": 8,
            "num_hidden_layers": 40, "router_aux_loss_coef": 0.001, "shared_expert_intermediate_size": 512,
        ]
    )

    static let qwen3VLMoe = ClassDefaults(
        "Qwen3VLMoeConfig",
        [
            "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408, "num_experts_per_tok": 4,
            "num_hidden_layers": 24, "num_local_experts": 60, "router_aux_loss_coef": 0.001,
        ],
        aliases: ["num_experts": "num_local_experts"]
    )

    static let qwen3OmniMoe = ClassDefaults(
        "Qwen3OmniMoeConfig",
        [
            "hidden_size": 2048, "intermediate_size": 18_944, "moe_intermediate_size": 768, "norm_topk_prob": true,
            "num_experts": 128, "num_experts_per_tok": 8, "num_hidden_layers": 28, "router_aux_loss_coef": 0.001,
        ]
    )

    static let mellum = ClassDefaults(
        "MellumConfig",
        like: .qwen3Moe,
        [
            "hidden_size": 2304, "intermediate_size": 7168, "moe_intermediate_size": 896, "norm_topk_prob": true,
            "num_hidden_layers": 28, "num_local_experts": 64,
        ]
    )

    static let graniteMoeShared = ClassDefaults(
        "GraniteMoeSharedConfig",
        [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "shared_intermediate_size": 0,
        ]
    )

    static let graniteMoeSWA = ClassDefaults(
        "GraniteMoeSWAConfig",
        [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "shared_intermediate_size": 0,
        ]
    )

    static let graniteMoeHybrid = ClassDefaults(
        "GraniteMoeHybridConfig",
        [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "shared_intermediate_size": 1024,
        ]
    )

    static let hunYuanMoEV1 = ClassDefaults(
        "HunYuanMoEV1Config",
        ["hidden_size": 4096, "intermediate_size": 11_008, "moe_topk": 1, "num_experts": 1, "num_hidden_layers": 32],
        aliases: ["num_experts_per_tok": "moe_topk", "num_local_experts": "num_experts"]
    )

    static let hyV3 = ClassDefaults(
        "HYV3Config",
        [
            "hidden_size": 4096, "intermediate_size": 13_312, "moe_intermediate_size": 1536, "num_experts": 192,
            "num_experts_per_tok": 8, "num_hidden_layers": 80, "num_shared_experts": 1, "router_scaling_factor": 2.826,
        ],
        aliases: ["num_local_experts": "num_experts"]
    )

    static let miniMax = ClassDefaults(
        "MiniMaxConfig",
        [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0,
        ],
        aliases: ["num_experts": "num_local_experts"]
    )

    static let flexOlmo = ClassDefaults(
        "FlexOlmoConfig",
        [
            "hidden_size": 4096, "intermediate_size": 11_008, "norm_topk_prob": false, "num_experts": 7,
            "num_experts_per_tok": 5, "num_hidden_layers": 32, "router_aux_loss_coef": 0.01,
        ],
        aliases: ["num_local_experts": "num_experts"]
    )

    static let lfm2Moe = ClassDefaults(
        "Lfm2MoeConfig",
        activates: false,
        [
            "hidden_size": 2048, "intermediate_size": 7168, "moe_intermediate_size": 1792, "norm_topk_prob": true,
            "num_experts": 32, "num_experts_per_tok": 4, "num_hidden_layers": 32, "routed_scaling_factor": 1,
            "use_expert_bias": true,
        ]
    )

    static let afmoe = ClassDefaults(
        "AfmoeConfig",
        [
            "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 1408, "num_experts": 64,
            "num_experts_per_tok": 6, "num_hidden_layers": 32, "num_shared_experts": 2, "route_scale": 1,
        ]
    )

    static let dots1 = ClassDefaults(
        "Dots1Config",
        [
            "first_k_dense_replace": 0, "hidden_size": 4608, "intermediate_size": 10_944, "moe_intermediate_size": 1408,
            "n_group": 1, "n_routed_experts": .null, "n_shared_experts": .null, "norm_topk_prob": false,
            "num_experts_per_tok": .null, "num_hidden_layers": 62, "routed_scaling_factor": 1, "topk_group": 1,
        ],
        aliases: ["num_local_experts": "n_routed_experts"],
        nullable: ["norm_topk_prob"]
    )

    static let deepseekV32 = ClassDefaults("DeepseekV32Config", like: .deepseekV3, [:])

    static let glm4vMoe = ClassDefaults("Glm4vMoeConfig", like: .glm4Moe, ["router_aux_loss_coef": 0.0001])

    static let glm4MoeLite = ClassDefaults(
        "Glm4MoeLiteConfig",
        [
            "hidden_size": 2048, "intermediate_size": 10_240, "moe_intermediate_size": 1536, "n_group": 1,
            "n_routed_experts": 64, "n_shared_experts": 1, "norm_topk_prob": true, "num_experts_per_tok": 4,
            "num_hidden_layers": 47, "routed_scaling_factor": 1.8, "topk_group": 1,
        ],
        aliases: ["num_local_experts": "n_routed_experts"]
    )

    static let glmMoeDsa = ClassDefaults(
        "GlmMoeDsaConfig",
        like: .deepseekV32,
        ["hidden_size": 6144, "intermediate_size": 12_288, "n_group": 1, "num_hidden_layers": 78, "topk_group": 1]
    )

    static let bailingHybrid = ClassDefaults(
        "BailingHybridConfig",
        [
            "first_k_dense_replace": 2, "hidden_size": 2560, "intermediate_size": 6144, "moe_intermediate_size": 768,
            "moe_renormalize": true, "num_expert_group": 8, "num_experts": 512, "num_experts_per_token": 8,
            "num_hidden_layers": 42, "num_shared_experts": 1, "routed_scaling_factor": 2.5, "topk_group": 4,
        ],
        aliases: [
            "n_group": "num_expert_group", "n_shared_experts": "num_shared_experts",
            "norm_topk_prob": "moe_renormalize", "num_experts_per_tok": "num_experts_per_token",
            "num_local_experts": "num_experts",
        ],
        nullable: ["moe_renormalize"]
    )

    static let kimiLinear = ClassDefaults(
        "KimiLinearConfig",
        [
            "hidden_size": 2304, "intermediate_size": 9216, "moe_intermediate_size": 1024, "moe_renormalize": true,
            "num_expert_group": 1, "num_experts": 256, "num_experts_per_token": 8, "num_hidden_layers": 27,
            "num_shared_experts": 1, "routed_scaling_factor": 2.446, "topk_group": 1,
        ],
        aliases: [
            "n_group": "num_expert_group", "n_shared_experts": "num_shared_experts",
            "norm_topk_prob": "moe_renormalize", "num_experts_per_tok": "num_experts_per_token",
            "num_local_experts": "num_experts",
        ],
        nullable: ["moe_renormalize"]
    )

    static let sarvamMoE = ClassDefaults(
        "SarvamMoEConfig",
        like: .glm4Moe,
        [
            "intermediate_size": 8192, "moe_intermediate_size": 1024, "num_experts_per_tok": 6, "num_hidden_layers": 19,
            "routed_scaling_factor": 2.5,
        ],
        aliases: ["num_experts": "n_routed_experts", "num_shared_experts": "n_shared_experts"]
    )

    static let sarvamMLA = ClassDefaults(
        "SarvamMLAConfig",
        like: .deepseekV3,
        [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 16_384, "n_group": 1,
            "n_routed_experts": 128, "num_hidden_layers": 32, "topk_group": 1,
        ],
        aliases: ["num_experts": "n_routed_experts", "num_shared_experts": "n_shared_experts"],
        nullable: ["norm_topk_prob"]
    )

    static let exaoneMoe = ClassDefaults(
        "ExaoneMoeConfig",
        [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 16_384, "moe_intermediate_size": 1024,
            "n_group": 1, "norm_topk_prob": true, "num_experts": 64, "num_experts_per_tok": 8, "num_hidden_layers": 32,
            "num_shared_experts": 1, "routed_scaling_factor": 2.5, "topk_group": 1,
        ]
    )

    static let solarOpen = ClassDefaults(
        "SolarOpenConfig",
        [
            "hidden_size": 4096, "moe_intermediate_size": 1280, "n_group": 1, "n_routed_experts": 128,
            "n_shared_experts": 1, "norm_topk_prob": true, "num_experts_per_tok": 8, "num_hidden_layers": 48,
            "routed_scaling_factor": 1, "topk_group": 1,
        ],
        aliases: ["num_local_experts": "n_routed_experts"]
    )

    static let miMoV2Flash = ClassDefaults(
        "MiMoV2FlashConfig",
        [
            "hidden_size": 4096, "intermediate_size": 16_384, "moe_intermediate_size": 2048, "n_group": 1,
            "n_routed_experts": 256, "norm_topk_prob": true, "num_experts_per_tok": 8, "num_hidden_layers": 48,
            "routed_scaling_factor": 1, "topk_group": 1,
        ],
        aliases: ["num_local_experts": "n_routed_experts"]
    )
}
