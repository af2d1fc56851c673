"""Make the oracles of families that are rows of the table of checkpoints, by the classes of Hugging Face transformers.

    python make_oracles.py [NAME ...]

Made with transformers 5.24 and torch 2.15 on a CPU. A model of four layers with seeded weights is saved as
`save_pretrained` names its tensors, which are the names on the hub; of these, the feed-forward part of the last layer is
kept. Its block then reads 24 tokens. Beside weights and results stands the config.json that was saved, without the parts
of other modalities.
"""

import json
import math
import os
import sys
import tempfile

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

SEED, TOKENS, HIDDEN, EXPERTS, LAYER = 1234, 24, 32, 8, 3
HERE = os.path.dirname(os.path.abspath(__file__))

BASE = dict(
    vocab_size=64, hidden_size=HIDDEN, intermediate_size=40, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, head_dim=8, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2,
)
VISION = dict(
    depth=1, hidden_size=16, intermediate_size=16, num_heads=2, out_hidden_size=HIDDEN, num_hidden_layers=1,
    num_attention_heads=2,
)
LINEAR = dict(linear_num_value_heads=4, linear_num_key_heads=2, linear_key_head_dim=8, linear_value_head_dim=8)
LATENT = dict(q_lora_rank=8, kv_lora_rank=8, qk_rope_head_dim=4, qk_nope_head_dim=4, v_head_dim=8)
INDEXED = dict(index_n_heads=2, index_head_dim=8, index_topk=8)
QWEN = dict(moe_intermediate_size=24, num_experts=EXPERTS, num_experts_per_tok=3)
DEEPSEEK = dict(
    moe_intermediate_size=24, n_routed_experts=EXPERTS, num_experts_per_tok=3, n_shared_experts=2, n_group=1,
    topk_group=1, norm_topk_prob=True, routed_scaling_factor=1.5, first_k_dense_replace=1,
)
GROUPS = dict(n_group=4, topk_group=2)
GRANITE = dict(num_local_experts=EXPERTS, num_experts_per_tok=3, shared_intermediate_size=20)
# Linear attention in Bailing and Kimi Linear, which name their keys alike.
RENAMED = dict(
    moe_intermediate_size=24, num_experts=EXPERTS, num_experts_per_token=3, num_shared_experts=1, num_expert_group=4,
    topk_group=2, moe_renormalize=True, routed_scaling_factor=1.5,
)

# By name: keys of the (text) configuration; `vision` where the model has a vision tower, too.
CASES = {
    "qwen3_next": QWEN | LINEAR | dict(shared_expert_intermediate_size=20),
    "qwen3_5_moe": QWEN | LINEAR | dict(shared_expert_intermediate_size=20, vision=True),
    "granitemoeshared": GRANITE,
    "granitemoe_swa": GRANITE,
    "granitemoehybrid": GRANITE | dict(mamba_n_heads=4, mamba_d_head=16, mamba_d_state=8, mamba_expand=2),
    "hunyuan_v1_moe": dict(num_experts=EXPERTS, moe_topk=3),
    "dots1": DEEPSEEK | GROUPS | dict(norm_topk_prob=False),
    "minimax": dict(num_local_experts=EXPERTS, num_experts_per_tok=3),
    "deepseek_v32": DEEPSEEK | GROUPS | LATENT | INDEXED,
    "glm4v_moe": DEEPSEEK | dict(vision=True),
    "glm4_moe_lite": DEEPSEEK | LATENT,
    "glm_moe_dsa": DEEPSEEK | LATENT | INDEXED,
    "bailing_hybrid": RENAMED | LATENT | dict(first_k_dense_replace=1),
    "kimi_linear": RENAMED | LATENT,
    "sarvam_moe": DEEPSEEK | dict(n_shared_experts=1),
    "sarvam_mla": DEEPSEEK | LATENT,
    "exaone_moe": DEEPSEEK | dict(num_experts=EXPERTS, num_shared_experts=2, mlp_layer_types=["dense"] + ["sparse"] * 3),
    "solar_open": DEEPSEEK,
    "mimo_v2_flash": DEEPSEEK | dict(n_shared_experts=None),
    "flex_olmo": dict(num_experts=EXPERTS, num_experts_per_tok=3, norm_topk_prob=True),
    "mellum": dict(num_local_experts=EXPERTS, num_experts_per_tok=3, moe_intermediate_size=24),
    "lfm2_moe": QWEN | dict(num_dense_layers=1, routed_scaling_factor=1.5, layer_types=["conv", "full_attention"] * 2),
    "afmoe": QWEN | dict(num_shared_experts=2, num_dense_layers=1, route_scale=1.5),
    "hy_v3": QWEN | dict(num_shared_experts=1, router_scaling_factor=1.5),
    "qwen3_vl_moe": QWEN | dict(num_local_experts=EXPERTS, vision=True),
    "qwen3_omni_moe_thinker": QWEN | dict(vision=True),
    # Layers count twice, as each has two attentions.
    "longcat_flash": LATENT | dict(
        num_hidden_layers=8, n_routed_experts=EXPERTS, zero_expert_num=4, moe_topk=4, expert_ffn_hidden_size=24,
        ffn_hidden_size=40, routed_scaling_factor=1.5,
    ),
    "gpt_oss_limits": dict(num_local_experts=EXPERTS, num_experts_per_tok=3, swiglu_limit=1.25, swiglu_alpha=1.25),
}
# The model type of a case that is called otherwise.
NAMES = {"gpt_oss_limits": "gpt_oss"}


def make_config(name):
    keys = BASE | CASES[name]
    kind = CONFIG_MAPPING[NAMES.get(name, name)]
    if not keys.pop("vision", False):
        known = kind()
        return kind(**{key: value for key, value in keys.items() if hasattr(known, key)}), AutoModelForCausalLM
    text = type(kind().text_config)()
    text = {key: value for key, value in keys.items() if hasattr(text, key)}
    return kind(text_config=text, vision_config=VISION), AutoModelForImageTextToText


def seed_weights(model):
    """Weights that keep a token's scale, logits wide enough to tell experts apart, and biases that move the choice."""
    generator = torch.Generator().manual_seed(SEED)
    with torch.no_grad():
        for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if not tensor.is_floating_point() or "inv_freq" in name:
                continue
            deviation = 1 / math.sqrt(tensor.shape[-1]) if tensor.dim() > 1 else 0.1
            if name.endswith(("gate.weight", "router.weight", "wg.weight", "classifier.weight")):
                deviation *= 2
            tensor.copy_(torch.randn(tensor.shape, generator=generator) * deviation)


def first(outputs):
    return outputs[0] if isinstance(outputs, tuple) else outputs


def record(layer, block, x):
    """The results of a block: what router, experts and shared experts return, and their sum."""
    seen = {}
    router = getattr(block, "gate", None) or block.router
    hooks = [
        router.register_forward_hook(lambda _, __, out: seen.update(router=out)),
        block.experts.register_forward_hook(lambda _, args, kwargs, out: seen.update(
            routed=out, arguments=list(args[1:]) + list(kwargs.values())), with_kwargs=True),
    ]
    beside = next((m for m in [getattr(block, n, None) for n in ("shared_expert", "shared_experts", "shared_mlp")]
                   if m is not None), None)
    if beside is not None:
        hooks.append(beside.register_forward_hook(lambda _, __, out: seen.update(shared=out)))
    output = first(block(x))
    if beside is None and getattr(layer, "shared_mlp", None) is not None:
        seen["shared"] = layer.shared_mlp(x)
        output = output + seen["shared"]
    for hook in hooks:
        hook.remove()
    index = next(a for a in seen["arguments"] if not a.is_floating_point())
    weight = next(a for a in seen["arguments"] if a.is_floating_point())
    order = weight.argsort(dim=-1, descending=True)
    result = dict(
        input=x, router_logits=seen["router"][0], topk_index=index.gather(1, order), topk_weight=weight.gather(1, order),
        routed_output=seen["routed"], output=output,
    )
    if "shared" in seen:
        shared = seen["shared"].reshape(TOKENS, HIDDEN)
        gate = getattr(block, "shared_expert_gate", None)
        result["shared_output"] = shared if gate is None else torch.sigmoid(gate(x.reshape(TOKENS, HIDDEN))) * shared
    return {name: t.detach().reshape(TOKENS, -1).clone() for name, t in result.items()}, type(router), type(block)


def make(name):
    config, auto = make_config(name)
    model = auto.from_config(config, attn_implementation="eager").float().eval()
    seed_weights(model)
    layers = next(m for n, m in model.named_modules()
                  if n.endswith("layers") and isinstance(m, torch.nn.ModuleList) and "vis" not in n and "audio" not in n)
    layer = layers[LAYER]
    block = next(m for _, m in layer.named_modules() if hasattr(m, "experts"))
    x = torch.randn((1, TOKENS, HIDDEN), generator=torch.Generator().manual_seed(SEED + 1))
    with torch.no_grad():
        recorded, router, kind = record(layer, block, x)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        saved = load_file(f"{folder}/model.safetensors")
        with open(f"{folder}/config.json") as file:
            said = json.load(file)
    mark = f"layers.{LAYER}."
    # LongCat's `mlps` are dense networks of the layer, not of the block.
    parts = ("mlp.", "mlps.", "block_sparse_moe.", "feed_forward.", "shared_mlp.")
    kept = {n: t for n, t in saved.items()
            if mark in n and "vis" not in n and "audio" not in n and n.split(mark)[1].startswith(parts)}
    head = next(iter(kept)).split(mark)[0] + mark
    save_file(kept | {"io." + n: t for n, t in recorded.items()}, f"{HERE}/{name}.safetensors")
    for modality in ("vision_config", "audio_config"):
        said.pop(modality, None)
    facts = dict(
        family=name, transformers=transformers.__version__, torch=torch.__version__,
        block_classes=[kind.__name__, router.__name__, type(block.experts).__name__], prefix=head, hidden=HIDDEN,
        experts=EXPERTS, tokens=TOKENS, top_k=recorded["topk_index"].shape[1], seed=SEED, notes=[], config=said,
    )
    with open(f"{HERE}/{name}.json", "w") as file:
        json.dump(facts, file, indent=1)
        file.write("\n")
    chosen = recorded["topk_index"].unique().numel()
    print(name, os.path.getsize(f"{HERE}/{name}.safetensors"), f"{chosen} experts chosen", head, type(model).__name__)


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in sys.argv[1:] or CASES:
        make(name)
