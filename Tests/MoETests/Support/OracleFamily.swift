import MoE

/// How the config of a transformers block sets the options of its family.
enum OracleFamily {
    /// The router of a block by the beginning of its file's name.
    static let names = [
        "dbrx": "dbrx", "deepseek_moe_16b": "deepseek-moe", "deepseek_v2": "deepseek-v2",
        "deepseek_v2_lite": "deepseek-v2-lite", "deepseek_v3": "deepseek-v3", "ernie4_5_moe": "ernie-4.5",
        "glm4_moe": "glm-4.5", "gpt_oss": "gpt-oss", "granitemoe": "granite", "jamba": "jamba", "jetmoe": "jetmoe",
        "kimi_k2": "kimi-k2", "llama4": "llama-4", "minimax_m2": "minimax-m2", "mixtral": "mixtral",
        "nllb_moe": "nllb", "olmoe": "olmoe", "phimoe": "phimoe", "qwen2_moe": "qwen2-moe",
        "qwen3_moe": "qwen3-moe", "switch_transformers": "switch-transformers",
    ]

    /// What the config says where it differs from the family's row.
    static func options(_ json: JSONValue) -> RouterOptions {
        let config = json["config"]
        var options = RouterOptions(topK: json["top_k"]?.int)
        options.isTraining = false
        options.scale = config?["routed_scaling_factor"]?.double
        if config?["model_type"]?.string == "deepseek_v2" {
            // This class ignores norm_topk_prob, and its greedy method the groups.
            if config?["topk_method"]?.string == "greedy" { return options }
        } else if let normalize = config?["norm_topk_prob"]?.bool {
            options.normalize = normalize
        }
        options.groups = config?["n_group"]?.int
        options.groupsKept = config?["topk_group"]?.int
        setCapacity(&options, config)
        return options
    }

    private static func setCapacity(_ options: inout RouterOptions, _ config: JSONValue?) {
        guard let slots = config?["expert_capacity"]?.int else { return }
        guard config?["model_type"]?.string == "nllb-moe" else {
            options.capacity = CapacityRule(size: .slots(slots), scope: .sequences)
            return
        }
        let fraction = config?["moe_eval_capacity_token_fraction"]?.double ?? -1
        let isPrioritised = config?["batch_prioritized_routing"]?.bool == true
        options.capacity = CapacityRule(
            size: fraction > 0 ? .tokenFraction(fraction) : .slots(slots),
            order: isPrioritised ? .batchPrioritised : .choice
        )
    }
}
