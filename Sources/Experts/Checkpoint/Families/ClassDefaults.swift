internal import Basics

/// What the configuration class of a model has for the keys that a `config.json` leaves out.
///
/// A router option that the file does not give is not the one of the router's row, which has the published values of
/// one model, but that of the class, which is what engines compute with.
public struct ClassDefaults: Equatable, Sendable {
    /// The name of the class.
    let className: String
    /// The values by key; null for a key without a value. Keys that the class does not have are not read.
    let values: [String: JSONValue]

    init(
        _ className: String,
        numbers: [String: Double] = [:],
        flags: [String: Bool] = [:],
        words: [String: String] = [:],
        without: [String] = []
    ) {
        self.className = className
        var values: [String: JSONValue] = [:]
        for (key, number) in numbers { values[key] = Int(exactly: number).map { .integer($0) } ?? .number(number) }
        for (key, flag) in flags { values[key] = .bool(flag) }
        for (key, word) in words { values[key] = .text(word) }
        for key in without { values[key] = .null }
        self.values = values
    }

    /// Whether the class leaves open how many experts a token has.
    public var hasNoChoices: Bool { values["num_experts_per_tok"] == .null }

    /// The class's method of choosing experts, where it has several.
    public var topKMethod: String? {
        if case .text(let method)? = values["topk_method"] { method } else { nil }
    }

    /// The whole number under a key, or nil.
    func integer(_ key: String) -> Int? {
        if case .integer(let integer)? = values[key] { integer } else { nil }
    }
}

/// Classes of transformers 5.24, `models/*/configuration_*.py`.
extension ClassDefaults {
    static let mixtral = ClassDefaults(
        "MixtralConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_experts": 8, "num_experts_per_tok": 2,
            "num_hidden_layers": 32, "num_local_experts": 8, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0.0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let phimoe = ClassDefaults(
        "PhimoeConfig",
        numbers: [
            "hidden_size": 4096, "input_jitter_noise": 0.0, "intermediate_size": 6400, "num_experts_per_tok": 2,
            "num_hidden_layers": 32, "num_local_experts": 16, "router_aux_loss_coef": 0.001,
            "router_jitter_noise": 0.01,
        ],
        words: ["hidden_act": "silu"]
    )

    static let miniMaxM2 = ClassDefaults(
        "MiniMaxM2Config",
        numbers: [
            "hidden_size": 3072, "intermediate_size": 1536, "num_experts": 256, "num_experts_per_tok": 8,
            "num_hidden_layers": 62, "num_local_experts": 256, "router_aux_loss_coef": 0.001,
            "router_jitter_noise": 0.0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let olmoe = ClassDefaults(
        "OlmoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 2048, "num_experts": 64, "num_experts_per_tok": 8,
            "num_hidden_layers": 16, "num_local_experts": 64, "router_aux_loss_coef": 0.01,
        ],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu"]
    )

    static let qwen2Moe = ClassDefaults(
        "Qwen2MoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408, "num_experts": 60,
            "num_experts_per_tok": 4, "num_hidden_layers": 24, "router_aux_loss_coef": 0.001,
            "shared_expert_intermediate_size": 5632,
        ],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu"]
    )

    static let qwen3Moe = ClassDefaults(
        "Qwen3MoeConfig",
        numbers: [
            "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 768, "num_experts": 128,
            "num_experts_per_tok": 8, "num_hidden_layers": 24, "num_local_experts": 128, "router_aux_loss_coef": 0.001,
        ],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu"]
    )

    static let jamba = ClassDefaults(
        "JambaConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_experts": 16, "num_experts_per_tok": 2,
            "num_hidden_layers": 32, "num_local_experts": 16, "router_aux_loss_coef": 0.001,
        ],
        words: ["hidden_act": "silu"]
    )

    static let deepseekV2 = ClassDefaults(
        "DeepseekV2Config",
        numbers: [
            "first_k_dense_replace": 0, "hidden_size": 4096, "intermediate_size": 11_008, "moe_intermediate_size": 1407,
            "n_routed_experts": 64, "n_shared_experts": 2, "num_experts": 64, "num_hidden_layers": 32,
            "routed_scaling_factor": 1.0,
        ],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu", "topk_method": "greedy"],
        without: ["n_group", "num_experts_per_tok", "topk_group"]
    )

    static let deepseekV3 = ClassDefaults(
        "DeepseekV3Config",
        numbers: [
            "first_k_dense_replace": 3, "hidden_size": 7168, "intermediate_size": 18_432, "moe_intermediate_size": 2048,
            "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
            "num_hidden_layers": 61, "num_local_experts": 256, "routed_scaling_factor": 2.5, "topk_group": 4,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let glm4Moe = ClassDefaults(
        "Glm4MoeConfig",
        numbers: [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 10_944, "moe_intermediate_size": 1408,
            "n_group": 1, "n_routed_experts": 128, "n_shared_experts": 1, "num_experts_per_tok": 8,
            "num_hidden_layers": 46, "num_local_experts": 128, "routed_scaling_factor": 1.0, "topk_group": 1,
        ],
        flags: ["norm_topk_prob": true],
        words: ["hidden_act": "silu"]
    )

    static let ernie45Moe = ClassDefaults(
        "Ernie4_5_MoeConfig",
        numbers: [
            "hidden_size": 2560, "intermediate_size": 12_288, "moe_intermediate_size": 1536, "moe_k": 6,
            "moe_norm_min": 1e-12, "moe_num_experts": 64, "moe_num_shared_experts": 2, "num_experts": 64,
            "num_experts_per_tok": 6, "num_hidden_layers": 28, "router_aux_loss_coef": 0.001,
        ],
        words: ["hidden_act": "silu"]
    )

    static let dbrx = ClassDefaults(
        "DbrxConfig",
        numbers: [
            "d_model": 2048, "ffn_hidden_size": 3584, "hidden_size": 2048, "moe_loss_weight": 0.01,
            "moe_normalize_expert_weights": 1.0, "moe_num_experts": 4, "moe_top_k": 1, "n_layers": 24,
            "num_hidden_layers": 24,
        ],
        words: ["ffn_act_fn": "silu"],
        without: ["moe_jitter_eps"]
    )

    static let gptOss = ClassDefaults(
        "GptOssConfig",
        numbers: [
            "hidden_size": 2880, "intermediate_size": 2880, "num_experts": 128, "num_experts_per_tok": 4,
            "num_hidden_layers": 36, "num_local_experts": 128, "router_aux_loss_coef": 0.001, "swiglu_alpha": 1.702,
            "swiglu_limit": 7.0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let llama4 = ClassDefaults(
        "Llama4TextConfig",
        numbers: [
            "hidden_size": 5120, "intermediate_size": 8192, "num_experts_per_tok": 1, "num_hidden_layers": 48,
            "num_local_experts": 16, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0.0,
        ],
        words: ["hidden_act": "silu"]
    )

    static let graniteMoe = ClassDefaults(
        "GraniteMoeConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001,
        ],
        words: ["hidden_act": "silu"]
    )

    static let jetMoe = ClassDefaults(
        "JetMoeConfig",
        numbers: [
            "aux_loss_coef": 0.01, "hidden_size": 2048, "intermediate_size": 5632, "num_experts_per_tok": 2,
            "num_hidden_layers": 12, "num_local_experts": 8,
        ],
        words: ["activation_function": "silu"]
    )

    static let switchTransformers = ClassDefaults(
        "SwitchTransformersConfig",
        numbers: [
            "d_ff": 2048, "d_model": 768, "expert_capacity": 64, "hidden_size": 768, "num_experts": 8,
            "num_hidden_layers": 12, "num_layers": 12, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0.01,
            "router_z_loss_coef": 0.001,
        ],
        words: ["dense_act_fn": "relu"]
    )

    static let nllbMoe = ClassDefaults(
        "NllbMoeConfig",
        numbers: [
            "d_model": 1024, "expert_capacity": 64, "hidden_size": 1024, "moe_eval_capacity_token_fraction": 1.0,
            "moe_token_dropout": 0.2, "num_experts": 128, "num_hidden_layers": 12, "router_aux_loss_coef": 0.001,
            "router_z_loss_coef": 0.001,
        ],
        flags: ["batch_prioritized_routing": false, "normalize_router_prob_before_dropping": false],
        words: ["activation_function": "relu", "second_expert_policy": "all"]
    )
}

/// Classes that come with a checkpoint.
extension ClassDefaults {
    /// DeepSeekMoE-16B, `configuration_deepseek.py`.
    static let deepseek = ClassDefaults(
        "DeepseekConfig",
        numbers: ["first_k_dense_replace": 0, "aux_loss_alpha": 0.001],
        flags: ["norm_topk_prob": false],
        words: ["hidden_act": "silu", "scoring_func": "softmax"],
        without: ["num_experts_per_tok", "n_routed_experts", "n_shared_experts"]
    )

    /// Snowflake Arctic, `configuration_arctic.py`.
    static let arctic = ClassDefaults(
        "ArcticConfig",
        numbers: [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_hidden_layers": 32, "num_local_experts": 8,
            "num_experts_per_tok": 1, "router_aux_loss_coef": 0.001, "moe_train_capacity_factor": 1,
            "moe_eval_capacity_factor": 1, "moe_min_capacity": 0,
        ],
        flags: ["moe_token_dropping": true],
        words: ["hidden_act": "silu"]
    )
}
