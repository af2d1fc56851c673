import Basics
import MoE
import TestSupport

/// The router of a transformers block, set as the block's config says.
struct OracleFamily {
    /// The routers of the families that are called otherwise there.
    private static let names = [
        "deepseek_moe_16b": "deepseek-moe", "ernie4_5_moe": "ernie-4.5", "glm4_moe": "glm-4.5",
        "granitemoe": "granite", "llama4": "llama-4", "nllb_moe": "nllb", "qwen3_next": "qwen3-moe",
        "qwen3_5_moe": "qwen3-moe", "qwen3_vl_moe": "qwen3-moe", "mellum": "qwen3-moe",
        "qwen3_omni_moe_thinker": "qwen3-moe", "flex_olmo": "olmoe",
        "minimax": "mixtral", "hunyuan_v1_moe": "mixtral", "granitemoeshared": "granite", "granitemoehybrid": "granite",
        "granitemoe_swa": "granite",
        "deepseek_v32": "deepseek-v3", "bailing_hybrid": "deepseek-v3", "dots1": "glm-4.5", "glm4v_moe": "glm-4.5",
        "glm4_moe_lite": "glm-4.5", "glm_moe_dsa": "glm-4.5", "solar_open": "glm-4.5", "mimo_v2_flash": "glm-4.5",
        "exaone_moe": "glm-4.5", "sarvam_moe": "glm-4.5", "sarvam_mla": "glm-4.5", "kimi_linear": "glm-4.5",
        "afmoe": "glm-4.5", "hy_v3": "glm-4.5",
    ]

    let name: String
    private let config: JSON
    private let topK: Int

    /// The family of a case.
    init(_ oracle: OracleCase) throws {
        let family = try oracle.family()
        name = Self.names[family] ?? family.replacing("_", with: "-")
        config = oracle.json["config.text_config"] ?? oracle.json["config"] ?? .null
        topK = oracle.json["top_k"]?.int ?? 1
    }

    /// The router in evaluation.
    func router() throws -> any Router {
        var options = RouterOptions()
        options.topK = topK
        options.training = false
        let router = try RouterCatalogue.router(named: name, options: options)
        if var router = router as? TopKRouter {
            set(&router.rule)
            return router
        }
        if var router = router as? SparseMixerRouter {
            router.epsilon = config.number("router_jitter_noise") ?? router.epsilon
            return router
        }
        return router
    }

    private func set(_ rule: inout TopKRule) {
        let scales = ["routed_scaling_factor", "route_scale", "router_scaling_factor"]
        rule.scale = scales.lazy.compactMap { config.number($0) }.first ?? rule.scale
        setGroups(&rule)
        setNormalization(&rule)
        setCapacity(&rule)
    }

    /// DeepSeek-V2's greedy method does not look at groups.
    private func setGroups(_ rule: inout TopKRule) {
        let isGreedy = config.string("topk_method") == "greedy"
        let groups = config["n_group"]?.int ?? config["num_expert_group"]?.int
        guard let groups, let kept = config["topk_group"]?.int else { return }
        rule.groups?.groups = groups
        rule.groups?.kept = kept
        if rule.groups == nil { rule.groups = GroupLimit(groups: groups, kept: kept, score: .sumOfLargest(2)) }
        if isGreedy || groups == 1 { rule.groups = nil }
    }

    private func setNormalization(_ rule: inout TopKRule) {
        // DeepSeek-V2's class does not read the flag.
        if let normalizes = config["norm_topk_prob"]?.bool, config.string("model_type") != "deepseek_v2" {
            rule.normalization = normalizes ? rule.normalization ?? WeightNormalization() : nil
        }
        if let power = config["ffn_config.moe_normalize_expert_weights"] {
            rule.normalization = power.number.map { WeightNormalization(power: $0) }
        }
        if let floor = config.number("moe_norm_min") { rule.normalization?.floor = floor }
        if let isBefore = config["normalize_router_prob_before_dropping"]?.bool {
            rule.normalization?.moment = isBefore ? .beforeDrop : .afterDrop
        }
    }

    private func setCapacity(_ rule: inout TopKRule) {
        if let slots = config["expert_capacity"]?.int { rule.capacity?.size = .slots(slots) }
        if let fraction = config.number("moe_eval_capacity_token_fraction"), fraction > 0 {
            rule.capacity?.size = .tokenFraction(fraction)
        }
        if config["batch_prioritized_routing"]?.bool == true { rule.capacity?.order = .batchPrioritised }
    }
}
