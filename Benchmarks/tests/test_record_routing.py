"""The helper that records routing: from models of transformers, and from what vLLM returns.

The models are tiny and random. Their tests run where transformers is installed; those that ask epsim itself, where
EPSIM names the program or a debug build is there. The outputs of vLLM are made up here, in the forms of its releases.
"""

import base64
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "configs/data"))
# `make install` copies the folder as it is.
sys.dont_write_bytecode = True

import record_routing  # noqa: E402

HAS_TRANSFORMERS = all(importlib.util.find_spec(name) for name in ("torch", "transformers", "safetensors"))
EPSIM = os.environ.get("EPSIM", str(ROOT / ".build/debug/epsim"))
HAS_EPSIM = os.access(EPSIM, os.X_OK)

# What all tiny models have.
SHAPE = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "vocab_size": 200,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
SIXTEEN = {"num_experts_per_tok": 4, "moe_intermediate_size": 32}
GROUPED = SIXTEEN | {
    "n_routed_experts": 16,
    "n_group": 4,
    "topk_group": 2,
    "first_k_dense_replace": 1,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 16,
    "v_head_dim": 16,
}
# Class of the configuration, its values, layers with experts, experts, choices of a token.
MODELS = {
    "mixtral": ("MixtralConfig", {"num_local_experts": 8, "num_experts_per_tok": 2}, 3, 8, 2),
    "qwen2_moe": ("Qwen2MoeConfig", SIXTEEN | {"num_experts": 16, "shared_expert_intermediate_size": 32}, 3, 16, 4),
    "qwen3_moe": ("Qwen3MoeConfig", SIXTEEN | {"num_experts": 16}, 3, 16, 4),
    "olmoe": ("OlmoeConfig", {"num_experts": 16, "num_experts_per_tok": 4}, 3, 16, 4),
    "deepseek_v2": ("DeepseekV2Config", GROUPED, 2, 16, 4),
    "deepseek_v3": ("DeepseekV3Config", GROUPED, 2, 16, 4),
    "gpt_oss": ("GptOssConfig", {"num_local_experts": 8, "num_experts_per_tok": 2, "head_dim": 16}, 3, 8, 2),
    "glm4_moe": (
        "Glm4MoeConfig",
        SIXTEEN | {"n_routed_experts": 16, "first_k_dense_replace": 1, "head_dim": 16},
        2,
        16,
        4,
    ),
    "granitemoe": ("GraniteMoeConfig", {"num_local_experts": 8, "num_experts_per_tok": 2}, 3, 8, 2),
    "phimoe": ("PhimoeConfig", {"num_local_experts": 8, "num_experts_per_tok": 2}, 3, 8, 2),
}


def tiny(name: str):
    """A tiny model with random weights, the same ones each time."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    torch.manual_seed(7)
    kind, values, *_ = MODELS[name]
    config = getattr(transformers, kind)(**(SHAPE | values))
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def epsim(*arguments: str, folder: str) -> str:
    """What epsim prints; an error of it fails the test."""
    done = subprocess.run([EPSIM, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"epsim {' '.join(arguments)}: {done.returncode}: {done.stderr}")
    return done.stdout


@unittest.skipUnless(HAS_TRANSFORMERS, "torch, transformers and safetensors are not installed")
class TransformersTest(unittest.TestCase):
    """Recording models of transformers."""

    def recorded(self, name: str) -> dict[str, np.ndarray]:
        """Two sequences of 40 and 33 tokens, the second padded on the left, through a tiny model."""
        import torch

        model = tiny(name)
        ids = torch.randint(3, 200, (2, 40), generator=torch.Generator().manual_seed(5))
        mask = torch.ones_like(ids)
        mask[1, :7] = 0
        with record_routing.RoutingRecorder(model) as recorder, torch.no_grad():
            model(ids, attention_mask=mask)
        # Outside, nothing is recorded any more.
        with torch.no_grad():
            model(ids)
        tensors = recorder.tensors()
        np.testing.assert_array_equal(tensors["token_ids"], np.concatenate([ids[0], ids[1, 7:]]))
        self.assertEqual(tensors["sequence_lengths"].tolist(), [40, 33])
        return tensors

    def test_each_family(self):
        """Shapes are those of the model, and the choices of a softmax are the largest logits."""
        for name, (_, _, layers, experts, choices) in MODELS.items():
            with self.subTest(name):
                tensors = self.recorded(name)
                found = sum(key.endswith("topk_index") for key in tensors)
                self.assertEqual(found, layers)
                for layer in range(layers):
                    index = tensors[f"layers.{layer}.topk_index"]
                    weight = tensors[f"layers.{layer}.topk_weight"]
                    logits = tensors[f"layers.{layer}.router_logits"]
                    self.assertEqual(index.shape, (73, choices))
                    self.assertEqual(weight.shape, (73, choices))
                    self.assertEqual(logits.shape, (73, experts))
                    if name not in ("deepseek_v2", "deepseek_v3", "glm4_moe", "phimoe"):
                        largest = np.sort(np.argsort(-logits, axis=1)[:, :choices], axis=1)
                        np.testing.assert_array_equal(np.sort(index, axis=1), largest)

    def test_number_types_are_those_of_the_model(self):
        """Logits and weights are stored as singles; the file says in which type the model has them."""
        import torch
        from safetensors import safe_open

        model = tiny("olmoe").to(torch.bfloat16)
        with record_routing.RoutingRecorder(model) as recorder, torch.no_grad():
            model(torch.randint(3, 200, (1, 8), generator=torch.Generator().manual_seed(5)))
        with tempfile.TemporaryDirectory() as folder:
            recorder.save(f"{folder}/recorded.safetensors")
            with safe_open(f"{folder}/recorded.safetensors", "np") as file:
                found = file.metadata()
                self.assertEqual(file.get_tensor("layers.0.router_logits").dtype, np.float32)
        self.assertEqual(found["router_dtype"], "torch.bfloat16")
        self.assertIn(found["weight_dtype"], ("torch.bfloat16", "torch.float32"))

    def test_loads_are_those_of_the_model(self):
        """The logits that the model itself returns give the same loads."""
        import torch

        model = tiny("mixtral")
        ids = torch.randint(3, 200, (1, 50), generator=torch.Generator().manual_seed(6))
        with record_routing.RoutingRecorder(model) as recorder, torch.no_grad():
            output = model(ids, output_router_logits=True)
        tensors = recorder.tensors()
        for layer, logits in enumerate(output.router_logits):
            chosen = logits.topk(2, dim=-1).indices.reshape(-1)
            loads = torch.bincount(chosen, minlength=8).tolist()
            recorded = np.bincount(tensors[f"layers.{layer}.topk_index"].reshape(-1), minlength=8).tolist()
            self.assertEqual(recorded, loads)

    def test_probabilities_are_no_logits(self):
        """A router that returns the softmax has the logits of its projection; else there are none, and a warning."""
        import torch
        import transformers

        transformers.logging.set_verbosity_error()
        torch.manual_seed(3)
        shape = SHAPE | {"head_dim": 16, "moe_intermediate_size": 32, "num_experts": 8, "top_k_experts": 2}
        config = transformers.AutoConfig.for_model("gemma4_text", enable_moe_block=True, **shape)
        model = transformers.AutoModelForCausalLM.from_config(config).eval()
        routers = [module for module in model.modules() if type(module).__name__ == "Gemma4TextRouter"]
        for router in routers:
            torch.nn.init.normal_(router.proj.weight)
        returned = []
        hook = routers[0].register_forward_hook(lambda module, args, output: returned.append(output[0]))
        ids = torch.randint(3, 200, (1, 20), generator=torch.Generator().manual_seed(5))
        with record_routing.RoutingRecorder(model) as recorder, torch.no_grad():
            model(ids)
        hook.remove()
        logits = recorder.tensors()["layers.0.router_logits"]
        self.assertLess(logits.min(), 0)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(probabilities, returned[0].numpy(), rtol=1e-5)
        # Without a projection that gives them, nothing is taken for logits.
        for router in routers:
            router.proj.out_features = 0
        with record_routing.RoutingRecorder(model) as recorder, torch.no_grad(), self.assertWarnsRegex(
            UserWarning, "layer 0, a Gemma4TextRouter, returns probabilities and not logits"
        ):
            model(ids)
            model(ids)
        self.assertFalse([name for name in recorder.tensors() if name.endswith("router_logits")])
        self.assertIn("layers.0.topk_weight", recorder.tensors())

    def test_generated_tokens_form_no_sequences(self):
        """With a cache, the tokens of sequences take turns: all are recorded, their sequences are not."""
        import torch

        model = tiny("qwen3_moe")
        ids = torch.randint(3, 200, (2, 6), generator=torch.Generator().manual_seed(8))
        with record_routing.RoutingRecorder(model) as recorder:
            mask = torch.ones_like(ids)
            model.generate(ids, attention_mask=mask, max_new_tokens=4, min_new_tokens=4, do_sample=False)
        tensors = recorder.tensors()
        # The last token of each sequence goes through no layer.
        self.assertEqual(len(tensors["token_ids"]), 2 * (6 + 4 - 1))
        self.assertEqual(tensors["layers.0.topk_index"].shape, (18, 4))
        self.assertNotIn("sequence_lengths", tensors)

    def test_models_without_experts_are_refused(self):
        """A dense model, and one that chooses within its experts, are named as such."""
        import transformers

        dense = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPE))
        with self.assertRaisesRegex(record_routing.RecordingError, "LlamaForCausalLM has no experts"):
            record_routing.RoutingRecorder(dense)
        with self.assertRaisesRegex(record_routing.RecordingError, "nothing was recorded"):
            record_routing.RoutingRecorder(tiny("mixtral")).tensors()

    @unittest.skipUnless(HAS_EPSIM, "no epsim to ask")
    def test_epsim_replays_it(self):
        """The loads that epsim prints and the choices of a run are those that were recorded."""
        from safetensors.numpy import load_file

        for name in ("olmoe", "deepseek_v3", "gpt_oss"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                _, _, layers, experts, choices = MODELS[name]
                tensors = self.recorded(name)
                record_routing.save(tensors, f"{folder}/recorded.safetensors")
                count = ("--experts", str(experts))
                info = json.loads(epsim("trace", "info", "recorded.safetensors", "--json", *count, folder=folder))
                for layer in range(layers):
                    index = tensors[f"layers.{layer}.topk_index"].reshape(-1)
                    self.assertEqual(info["layers"][layer]["loads"], np.bincount(index, minlength=experts).tolist())
                paths = ("recorded.safetensors", "trace.safetensors")
                converted = epsim("trace", "convert", *paths, *count, folder=folder)
                lines = converted.split("\n", 1)[1].replace("hidden: 512", "hidden: 32")
                pathlib.Path(folder, "replay.yaml").write_text(lines + "cluster: {workers: 2}\n")
                options = ["--steps", "1", "--set", "run.warmup=0", "--save-outputs", "saved.safetensors", "--quiet"]
                epsim("run", "replay.yaml", *options, folder=folder)
                saved = load_file(f"{folder}/saved.safetensors")
                for layer in range(layers):
                    for kind in ("topk_index", "topk_weight"):
                        key = f"layers.{layer}.{kind}"
                        np.testing.assert_array_equal(saved[key], tensors[key])

    @unittest.skipUnless(HAS_EPSIM, "no epsim to ask")
    def test_all_layers_of_a_model(self):
        """One recording of a whole model: its replay has the choices of all layers, and every block its output."""
        import torch
        from safetensors.numpy import load_file

        for name in ("qwen2_moe", "deepseek_v3"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                model = tiny(name)
                model.save_pretrained(f"{folder}/model")
                ids = torch.randint(3, 200, (1, 50), generator=torch.Generator().manual_seed(9))
                with record_routing.RoutingRecorder(model, blocks=True) as recorder, torch.no_grad():
                    model(ids)
                recorder.save(f"{folder}/recorded.safetensors")
                recorded = load_file(f"{folder}/recorded.safetensors")
                _, _, layers, experts, choices = MODELS[name]
                self.assertEqual(recorder.layers, list(range(3))[3 - layers :])
                options = ["--steps", "1", "--set", "run.warmup=0", "--quiet", "--save-outputs"]
                pathlib.Path(folder, "replay.yaml").write_text(
                    f"model: {{layers: {layers}, hidden: 32, experts: {experts}, expert_ffn: 16}}\n"
                    f"router: {{top_k: {choices}}}\n"
                    "workload: {kind: trace, path: recorded.safetensors, tokens: 50}\ncluster: {workers: 2}\n"
                )
                epsim("run", "replay.yaml", *options, "replayed.safetensors", folder=folder)
                replayed = load_file(f"{folder}/replayed.safetensors")
                for layer, number in enumerate(recorder.layers):
                    pathlib.Path(folder, "block.yaml").write_text(
                        f"model: {{checkpoint: model, layer: {number}, norm: none}}\n"
                        f"workload: {{kind: activations, path: recorded.safetensors, tensor: layers.{layer}.block_input, "
                        "tokens: 50}\ncluster: {workers: 2}\n"
                    )
                    epsim("run", "block.yaml", *options, f"block{layer}.safetensors", folder=folder)
                    block = load_file(f"{folder}/block{layer}.safetensors")
                    wanted = np.sort(recorded[f"layers.{layer}.topk_index"], axis=1)
                    np.testing.assert_array_equal(np.sort(replayed[f"layers.{layer}.topk_index"], axis=1), wanted)
                    np.testing.assert_array_equal(np.sort(block["layers.0.topk_index"], axis=1), wanted)
                    output = recorded[f"layers.{layer}.block_output"]
                    difference = np.abs(block["layers.0.output"] - output).max()
                    self.assertLessEqual(difference, 2e-5 * np.abs(output).max())


class VLLMTest(unittest.TestCase):
    """What vLLM returns, in the forms of its releases."""

    def setUp(self):
        random = np.random.default_rng(4)
        draws = [[random.permutation(8)[:2] for _ in range(3)] for _ in range(9)]
        # The prompt has five tokens and the answer five, the last of which no layer sees.
        self.experts = np.asarray(draws, dtype=np.uint8)
        self.prompt, self.answer = [11, 12, 13, 14, 15], [21, 22, 23, 24, 25]

    def check(self, tensors: dict[str, np.ndarray]):
        """All nine tokens, and who they are."""
        np.testing.assert_array_equal(tensors["topk_ids"], self.experts)
        self.assertEqual(tensors["sequence_lengths"].tolist(), [9])
        self.assertEqual(tensors["token_ids"].tolist(), self.prompt + self.answer[:-1])

    def output(self, experts: np.ndarray | None, prompt: np.ndarray | None = None) -> types.SimpleNamespace:
        """What LLM.generate returns for a request."""
        completion = types.SimpleNamespace(token_ids=self.answer, routed_experts=experts)
        return types.SimpleNamespace(
            prompt_token_ids=self.prompt, outputs=[completion], prompt_routed_experts=prompt
        )

    def test_outputs(self):
        """The arrays of vLLM 0.22 and later, and the two of 0.21."""
        self.check(record_routing.vllm_recording([self.output(self.experts)]))
        halves = self.output(self.experts[5:].astype(np.int16), self.experts[:5].astype(np.int16))
        self.check(record_routing.vllm_recording([halves]))

    def test_answers(self):
        """The base64 of later servers, and the lists of 0.21."""
        buffer = io.BytesIO()
        np.save(buffer, self.experts)
        choice = {
            "routed_experts": base64.b64encode(buffer.getvalue()).decode(),
            "prompt_token_ids": self.prompt,
            "token_ids": self.answer,
        }
        self.check(record_routing.vllm_recording([{"choices": [choice]}]))
        lists = {
            "prompt_routed_experts": self.experts[:5].tolist(),
            "choices": [{"routed_experts": self.experts[5:].tolist()}],
        }
        tensors = record_routing.vllm_recording([lists])
        np.testing.assert_array_equal(tensors["topk_ids"], self.experts)
        self.assertNotIn("token_ids", tensors)

    def test_a_prompt_counts_once(self):
        """Two answers of one prompt: it belongs to the first."""
        lists = {
            "prompt_routed_experts": self.experts[:5].tolist(),
            "choices": [{"routed_experts": self.experts[5:7].tolist()}, {"routed_experts": self.experts[7:].tolist()}],
        }
        tensors = record_routing.vllm_recording([lists])
        np.testing.assert_array_equal(tensors["topk_ids"], self.experts)
        self.assertEqual(tensors["sequence_lengths"].tolist(), [7, 2])

    def test_a_part_of_the_prompt(self):
        """With routed_experts_prompt_start, the first tokens of the prompt are left out."""
        tensors = record_routing.vllm_recording([self.output(self.experts[2:])])
        self.assertEqual(tensors["token_ids"].tolist(), (self.prompt + self.answer)[2:-1])

    def test_what_is_missing_is_left_out(self):
        """Layers without experts, and tokens whose choices vLLM 0.21 has not kept."""
        wide = np.zeros((9, 5, 2), dtype=np.int16)
        wide[:, [1, 2, 4]] = self.experts
        wide[:2, :, :] = -1
        tensors = record_routing.vllm_recording([self.output(wide)])
        np.testing.assert_array_equal(tensors["topk_ids"], self.experts[2:])
        self.assertEqual(tensors["token_ids"].tolist(), (self.prompt + self.answer)[2:-1])
        self.assertEqual(tensors["sequence_lengths"].tolist(), [7])

    def test_what_is_wrong_is_refused(self):
        """No choices at all, of another form, or of different models."""
        with self.assertRaisesRegex(record_routing.RecordingError, "enable-return-routed-experts"):
            record_routing.vllm_recording([self.output(None)])
        with self.assertRaisesRegex(record_routing.RecordingError, r"shape \(9, 6\)"):
            record_routing.vllm_recording([self.output(self.experts.reshape(9, 6))])
        with self.assertRaisesRegex(record_routing.RecordingError, "different layers and choices"):
            record_routing.vllm_recording([self.output(self.experts), self.output(self.experts[:, :2])])

    @unittest.skipUnless(importlib.util.find_spec("safetensors"), "safetensors is not installed")
    def test_command(self):
        """Answers in files become a trace."""
        from safetensors.numpy import load_file

        with tempfile.TemporaryDirectory() as folder:
            answer = json.dumps({"choices": [{"routed_experts": self.experts.tolist()}]})
            pathlib.Path(folder, "a.jsonl").write_text(f"{answer}\n\n{answer}\n")
            out = f"{folder}/out.safetensors"
            self.assertEqual(record_routing.main(["vllm", f"{folder}/a.jsonl", "--out", out]), 0)
            self.assertEqual(load_file(out)["topk_ids"].shape, (18, 3, 2))
            self.assertEqual(record_routing.main(["vllm", f"{folder}/b.jsonl", "--out", out]), 1)


if __name__ == "__main__":
    unittest.main()
