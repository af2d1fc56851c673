"""Print the model types of Hugging Face transformers that have experts, in their own configuration or a nested one.

    python expert_types.py > expert_types.json

Made with transformers 5.24. Types of towers for other modalities that have no experts of their own are left out.
"""

import json

from transformers.models.auto.configuration_auto import CONFIG_MAPPING, CONFIG_MAPPING_NAMES

COUNTS = ["n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts", "moe_topk", "num_experts_per_tok"]


def has_experts(config):
    return not {*vars(config), *config.attribute_map}.isdisjoint(COUNTS)


def nested(config):
    """The configurations one level and two levels below."""
    parts = [getattr(config, name, None) for name in config.sub_configs]
    parts = [part for part in parts if hasattr(part, "attribute_map")]
    return parts + [below for part in parts for below in nested(part)]


if __name__ == "__main__":
    types = []
    for name in sorted(CONFIG_MAPPING_NAMES):
        try:
            config = CONFIG_MAPPING[name]()
        except Exception:
            continue
        if any(has_experts(part) for part in [config] + nested(config)):
            types.append(name)
    print(json.dumps(types, indent=1))
