"""Print what the configuration classes of Hugging Face transformers have for the keys of config.json that epsim reads.

    python class_defaults.py > class_defaults.json

Made with transformers 5.24. A key that a class does not have is left out; null is a key without a value. `nullable` has
the truth values for which the class takes null.
"""

import json

from transformers.models.auto.configuration_auto import CONFIG_MAPPING

MODEL_TYPES = [
    "afmoe", "bailing_hybrid", "dbrx", "deepseek_v2", "deepseek_v3", "deepseek_v32", "dots1", "ernie4_5_moe", "exaone_moe",
    "flex_olmo", "glm4_moe", "glm4_moe_lite", "glm4v_moe", "glm_moe_dsa", "gpt_oss", "granitemoe", "granitemoe_swa", "granitemoehybrid",
    "granitemoeshared", "hunyuan_v1_moe", "hy_v3", "jamba", "jetmoe", "kimi_linear", "lfm2_moe", "llama4", "llama4_text",
    "longcat_flash", "mellum", "mimo_v2_flash", "minimax", "minimax_m2", "mixtral", "nllb-moe", "olmoe", "phimoe", "qwen2_moe",
    "qwen3_5_moe", "qwen3_moe", "qwen3_next", "qwen3_omni_moe", "qwen3_vl_moe", "sarvam_mla", "sarvam_moe", "solar_open",
    "switch_transformers",
]

KEYS = [
    # Shape.
    "hidden_size", "d_model", "expert_ffn_hidden_size", "moe_intermediate_size", "ffn_hidden_size", "d_ff", "intermediate_size",
    "num_hidden_layers", "n_layers", "num_layers", "first_k_dense_replace", "hidden_act", "activation_function",
    "dense_act_fn", "ffn_act_fn", "swiglu_limit", "swiglu_alpha", "n_routed_experts", "num_local_experts",
    "num_experts", "moe_num_experts", "zero_expert_num", "n_shared_experts", "moe_num_shared_experts", "num_shared_experts",
    "shared_expert_intermediate_size", "shared_intermediate_size",
    # Router.
    "num_experts_per_tok", "num_experts_per_token", "moe_top_k", "moe_topk", "moe_k", "norm_topk_prob", "moe_renormalize",
    "moe_normalize_expert_weights", "moe_norm_min", "router_logit_softcapping", "routed_scaling_factor", "route_scale",
    "router_scaling_factor", "n_group", "num_expert_group", "topk_group", "router_aux_loss_coef", "aux_loss_alpha",
    "aux_loss_coef", "moe_loss_weight", "router_z_loss_coef", "router_jitter_noise",
    "moe_jitter_eps", "scoring_func", "topk_method", "input_jitter_noise", "route_norm", "use_expert_bias", "router_bias",
    # Capacity.
    "expert_capacity", "moe_token_dropping", "moe_train_capacity_factor", "moe_eval_capacity_factor",
    "moe_min_capacity", "moe_eval_capacity_token_fraction", "second_expert_policy",
    "normalize_router_prob_before_dropping", "batch_prioritized_routing", "moe_token_dropout",
]


def parts(config):
    """A configuration and its nested ones of which keys are read, or None in their place."""
    around = getattr(config, "thinker_config", config)
    return [config, getattr(around, "text_config", None), getattr(config, "ffn_config", None)]


def takes_null(config, key):
    """Whether the class of a configuration takes null for a key."""
    try:
        type(config)(**{key: None})
    except Exception:
        return False
    return True


def nullable(config):
    """The truth values that may be null."""
    found = [(part, key) for part in parts(config) for key in KEYS if isinstance(getattr(part, key, None), bool)]
    return sorted({key for part, key in found if takes_null(part, key)})


def defaults(config):
    """The values of one class, with those of its nested configurations where it does not have the key itself."""
    values = {}
    for part in parts(config):
        for key in KEYS:
            if part is None or key in values or not hasattr(part, key):
                continue
            value = getattr(part, key)
            values[key] = value["name"] if isinstance(value, dict) else value
    return values


if __name__ == "__main__":
    classes = {name: CONFIG_MAPPING[name]() for name in MODEL_TYPES}
    rows = {
        name: {"class": type(c).__name__, "values": defaults(c), "nullable": nullable(c)} for name, c in classes.items()
    }
    print(json.dumps(rows, indent=1, sort_keys=True))
