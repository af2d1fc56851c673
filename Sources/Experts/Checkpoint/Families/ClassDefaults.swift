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
    /// The keys of truth values that may be null, which is false then.
    let nullable: Set<String>
    private let aliases: [String: String]

    /// A row.
    ///
    /// - Parameters:
    ///   - like: a class whose values hold where the row has none.
    ///   - activates: whether `hidden_act` is `silu`, as in all but the encoders and DBRX.
    ///   - own: the values by key.
    ///   - aliases: further names of keys, each with the key (`attribute_map`).
    ///   - nullable: the keys of truth values that may be null; those of `like` are not taken over.
    init(
        _ className: String,
        like other: ClassDefaults? = nil,
        activates: Bool = true,
        _ own: [String: JSONValue],
        aliases: [String: String] = [:],
        nullable: Set<String> = []
    ) {
        self.className = className
        self.nullable = nullable
        var values = other?.values ?? [:]
        if activates { values["hidden_act"] = "silu" }
        values.merge(own) { $1 }
        for (alias, key) in (other?.aliases ?? [:]).merging(aliases, uniquingKeysWith: { $1 }) {
            values[alias] = values[key]
        }
        self.values = values
        self.aliases = (other?.aliases ?? [:]).merging(aliases) { $1 }
    }

    /// Whether the class leaves open how many experts a token has.
    public var hasNoChoices: Bool { values["num_experts_per_tok"] == .null }

    /// The class's method of choosing experts, where it has several.
    public var topKMethod: String? {
        if case .text(let method)? = values["topk_method"] { method } else { nil }
    }

    /// All names of what a key stands for, itself included.
    func names(of key: String) -> [String] {
        let meant = aliases[key] ?? key
        return [meant] + aliases.filter { $0.value == meant }.map(\.key).sorted()
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
        [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0,
        ],
        aliases: ["num_experts": "num_local_experts"]
    )

    static let phimoe = ClassDefaults(
        "PhimoeConfig",
        [
            "hidden_size": 4096, "input_jitter_noise": 0, "intermediate_size": 6400, "num_experts_per_tok": 2,
            "num_hidden_layers": 32, "num_local_experts": 16, "router_aux_loss_coef": 0.001,
            "router_jitter_noise": 0.01,
        ]
    )

    static let miniMaxM2 = ClassDefaults(
        "MiniMaxM2Config",
        [
            "hidden_size": 3072, "intermediate_size": 1536, "num_experts_per_tok": 8, "num_hidden_layers": 62,
            "num_local_experts": 256, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0,
        ],
        aliases: ["num_experts": "num_local_experts"]
    )

    static let olmoe = ClassDefaults(
        "OlmoeConfig",
        [
            "hidden_size": 2048, "intermediate_size": 2048, "norm_topk_prob": false, "num_experts": 64,
            "num_experts_per_tok": 8, "num_hidden_layers": 16, "router_aux_loss_coef": 0.01,
        ],
        aliases: ["num_local_experts": "num_experts"]
    )

    static let qwen2Moe = ClassDefaults(
        "Qwen2MoeConfig",
        [
            "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408, "norm_topk_prob": false,
            "num_experts": 60, "num_experts_per_tok": 4, "num_hidden_layers": 24, "router_aux_loss_coef": 0.001,
            "shared_expert_intermediate_size": 5632,
        ]
    )

    static let qwen3Moe = ClassDefaults(
        "Qwen3MoeConfig",
        [
            "hidden_size": 2048, "intermediate_size": 6144, "moe_intermediate_size": 768, "norm_topk_prob": false,
            "num_experts_per_tok": 8, "num_hidden_layers": 24, "num_local_experts": 128, "router_aux_loss_coef": 0.001,
        ],
        aliases: ["num_experts": "num_local_experts"]
    )

    static let jamba = ClassDefaults(
        "JambaConfig",
        [
            "hidden_size": 4096, "intermediate_size": 14_336, "num_experts": 16, "num_experts_per_tok": 2,
            "num_hidden_layers": 32, "router_aux_loss_coef": 0.001,
        ],
        aliases: ["num_local_experts": "num_experts"]
    )

    static let deepseekV2 = ClassDefaults(
        "DeepseekV2Config",
        [
            "first_k_dense_replace": 0, "hidden_size": 4096, "intermediate_size": 11_008, "moe_intermediate_size": 1407,
            "n_group": .null, "n_routed_experts": 64, "n_shared_experts": 2, "norm_topk_prob": false,
            "num_experts_per_tok": .null, "num_hidden_layers": 32, "routed_scaling_factor": 1, "topk_group": .null,
            "topk_method": "greedy",
        ],
        aliases: ["num_experts": "n_routed_experts"],
        nullable: ["norm_topk_prob"]
    )

    static let deepseekV3 = ClassDefaults(
        "DeepseekV3Config",
        [
            "first_k_dense_replace": 3, "hidden_size": 7168, "intermediate_size": 18_432, "moe_intermediate_size": 2048,
            "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1, "norm_topk_prob": true,
            "num_experts_per_tok": 8, "num_hidden_layers": 61, "routed_scaling_factor": 2.5, "topk_group": 4,
        ],
        aliases: ["num_local_experts": "n_routed_experts"],
        nullable: ["norm_topk_prob"]
    )

    static let glm4Moe = ClassDefaults(
        "Glm4MoeConfig",
        [
            "first_k_dense_replace": 1, "hidden_size": 4096, "intermediate_size": 10_944, "moe_intermediate_size": 1408,
            "n_group": 1, "n_routed_experts": 128, "n_shared_experts": 1, "norm_topk_prob": true,
            "num_experts_per_tok": 8, "num_hidden_layers": 46, "routed_scaling_factor": 1, "topk_group": 1,
        ],
        aliases: ["num_local_experts": "n_routed_experts"]
    )

    static let ernie45Moe = ClassDefaults(
        "Ernie4_5_MoeConfig",
        [
            "hidden_size": 2560, "intermediate_size": 12_288, "moe_intermediate_size": 1536, "moe_k": 6,
            "moe_norm_min": 1e-12, "moe_num_experts": 64, "moe_num_shared_experts": 2, "num_hidden_layers": 28,
            "router_aux_loss_coef": 0.001,
        ],
        aliases: ["num_experts": "moe_num_experts", "num_experts_per_tok": "moe_k"]
    )

    static let dbrx = ClassDefaults(
        "DbrxConfig",
        activates: false,
        [
            "d_model": 2048, "ffn_act_fn": "silu", "ffn_hidden_size": 3584, "moe_jitter_eps": .null,
            "moe_loss_weight": 0.01, "moe_normalize_expert_weights": 1, "moe_num_experts": 4, "moe_top_k": 1,
            "n_layers": 24,
        ],
        aliases: ["hidden_size": "d_model", "num_hidden_layers": "n_layers"]
    )

    static let gptOss = ClassDefaults(
        "GptOssConfig",
        [
            "hidden_size": 2880, "intermediate_size": 2880, "num_experts_per_tok": 4, "num_hidden_layers": 36,
            "num_local_experts": 128, "router_aux_loss_coef": 0.001, "swiglu_alpha": 1.702, "swiglu_limit": 7,
        ],
        aliases: ["num_experts": "num_local_experts"]
    )

    static let llama4 = ClassDefaults(
        "Llama4TextConfig",
        [
            "hidden_size": 5120, "intermediate_size": 8192, "num_experts_per_tok": 1, "num_hidden_layers": 48,
            "num_local_experts": 16, "router_aux_loss_coef": 0.001, "router_jitter_noise": 0,
        ]
    )

    static let graniteMoe = ClassDefaults(
        "GraniteMoeConfig",
        [
            "hidden_size": 4096, "intermediate_size": 11_008, "num_experts_per_tok": 2, "num_hidden_layers": 32,
            "num_local_experts": 8, "router_aux_loss_coef": 0.001,
        ]
    )

    static let jetMoe = ClassDefaults(
        "JetMoeConfig",
        activates: false,
        [
            "activation_function": "silu", "aux_loss_coef": 0.01, "hidden_size": 2048, "intermediate_size": 5632,
            "num_experts_per_tok": 2, "num_hidden_layers": 12, "num_local_experts": 8,
        ]
    )

    static let switchTransformers = ClassDefaults(
        "SwitchTransformersConfig",
        activates: false,
        [
            "d_ff": 2048, "d_model": 768, "dense_act_fn": "relu", "expert_capacity": 64, "num_experts": 8,
            "num_layers": 12, "router_aux_loss_coef": 0.001, "router_bias": false, "router_jitter_noise": 0.01,
            "router_z_loss_coef": 0.001,
        ],
        aliases: ["hidden_size": "d_model", "num_hidden_layers": "num_layers"]
    )

    static let nllbMoe = ClassDefaults(
        "NllbMoeConfig",
        activates: false,
        [
            "activation_function": "relu", "batch_prioritized_routing": false, "d_model": 1024, "expert_capacity": 64,
            "moe_eval_capacity_token_fraction": 1, "moe_token_dropout": 0.2,
            "normalize_router_prob_before_dropping": false, "num_experts": 128, "num_hidden_layers": 12,
            "router_aux_loss_coef": 0.001, "router_bias": false, "router_z_loss_coef": 0.001,
            "second_expert_policy": "all",
        ],
        aliases: ["hidden_size": "d_model"]
    )
}

/// Classes that come with a checkpoint.
extension ClassDefaults {
    /// DeepSeekMoE-16B, `configuration_deepseek.py` of deepseek-ai/deepseek-moe-16b-base; the copy in Ascend's
    /// `atb_llm` has the same but for the numbers of experts.
    static let deepseek = ClassDefaults(
        "DeepseekConfig",
        [
            "aux_loss_alpha": 0.001, "first_k_dense_replace": 0, "n_routed_experts": .null, "n_shared_experts": .null,
            "norm_topk_prob": false, "num_experts_per_tok": .null, "scoring_func": "softmax",
        ],
        nullable: ["norm_topk_prob"]
    )

    /// Snowflake Arctic, `configuration_arctic.py` of Snowflake/snowflake-arctic-instruct, which vLLM copies
    /// (`transformers_utils/configs/arctic.py`).
    static let arctic = ClassDefaults(
        "ArcticConfig",
        [
            "hidden_size": 4096, "intermediate_size": 14_336, "moe_eval_capacity_factor": 1, "moe_min_capacity": 0,
            "moe_token_dropping": true, "moe_train_capacity_factor": 1, "num_experts_per_tok": 1,
            "num_hidden_layers": 32, "num_local_experts": 8, "router_aux_loss_coef": 0.001,
        ],
        nullable: ["moe_token_dropping"]
    )
}

extension JSONValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral
{
    /// A whole number.
    init(integerLiteral value: Int) { self = .integer(value) }

    /// A number.
    init(floatLiteral value: Double) { self = .number(value) }

    /// A truth value.
    init(booleanLiteral value: Bool) { self = .bool(value) }

    /// A text.
    init(stringLiteral value: String) { self = .text(value) }
}
