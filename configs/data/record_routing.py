#!/usr/bin/env python3
"""Record the routing of a mixture-of-experts model in a file that epsim reads.

From a model of transformers 5 (PyTorch, transformers and safetensors are needed):

    python3 record_routing.py transformers allenai/OLMoE-1B-7B-0924 first.txt second.txt --out recorded.safetensors

or, around forward passes of one's own:

    from record_routing import RoutingRecorder

    with RoutingRecorder(model, blocks) as recorder:
        model(input_ids)
    recorder.save("recorded.safetensors")

From what vLLM returns with --enable-return-routed-experts (numpy and safetensors are needed): answers of its server,
one JSON object in each file or on each line, or the outputs of LLM.generate:

    python3 record_routing.py vllm answers.jsonl --out recorded.safetensors

    from record_routing import save, vllm_recording
    save(vllm_recording(llm.generate(prompts)), "recorded.safetensors")

Then: epsim trace info recorded.safetensors
"""

from __future__ import annotations

import argparse
import base64
import inspect
import io
import json
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

# The arguments in which the experts of transformers get the choices and their weights. What enters the experts is what
# is computed, whatever a router returns.
EXPERT_ARGUMENTS = [("top_k_index", "top_k_weights"), ("router_indices", "routing_weights")]
# The modules that choose, by the names of their classes.
ROUTER_CLASS = re.compile(r"(Router|Gate|Gating)$")


class RecordingError(Exception):
    """Routing that cannot be recorded, with the reason."""


def save(tensors: dict[str, np.ndarray], path: str, metadata: dict[str, str] | None = None) -> None:
    """Write tensors to a .safetensors file, with free text beside them."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, path, metadata or None)


def expert_modules(model: Any) -> list[tuple[str, Any, tuple[str, str]]]:
    """The modules of a model that compute experts, in its order: their names, and those of the arguments of choices."""
    found = []
    for name, module in model.named_modules():
        parameters = inspect.signature(type(module).forward).parameters
        for pair in EXPERT_ARGUMENTS:
            if all(argument in parameters for argument in pair):
                found.append((name, module, pair))
    return found


class RoutingRecorder:
    """A recorder of the routing of a transformers model, as long as it is entered.

    It takes the choices and weights on their way into the experts, and the logits out of the router beside them. Tokens
    that ``attention_mask`` leaves out are routed by the model but not recorded.

    With ``blocks``, it also takes what enters and leaves the block around the experts of every layer. The block is the
    module that holds router and experts; Granite's shared network stands beside it.
    """

    def __init__(self, model: Any, blocks: bool = False) -> None:
        """Find the experts of a model."""
        self.model = model
        self.blocks = blocks
        self.experts = expert_modules(model)
        if not self.experts:
            arguments = ", or ".join(" and ".join(pair) for pair in EXPERT_ARGUMENTS)
            raise RecordingError(
                f"{type(model).__name__} has no experts that take {arguments}: it is no mixture of experts, chooses "
                "within its experts (Llama 4, JetMoe, Switch Transformers, NLLB), or is of transformers before 5"
            )
        self._hooks: list[Any] = []
        self._rows: dict[str, list[np.ndarray]] = {}
        self._lengths: list[int] | None = []
        self._kept: Any = None
        self._seen: set[str] = set()
        self._dtypes: dict[str, set[str]] = {}
        self._linear: dict[int, Any] = {}
        self._without_logits: set[int] = set()

    def __enter__(self) -> RoutingRecorder:
        """Begin to record the forward passes of the model."""
        self._hooks.append(self.model.register_forward_pre_hook(self._begin, with_kwargs=True))
        for number, (name, module, pair) in enumerate(self.experts):
            self._hooks.append(module.register_forward_pre_hook(self._experts_hook(number, pair), with_kwargs=True))
            parent = self.model.get_submodule(name.rpartition(".")[0])
            routers = [child for child in parent.children() if ROUTER_CLASS.search(type(child).__name__)]
            if len(routers) == 1:
                count = getattr(module, "num_experts", None)
                for child in routers[0].children():
                    if getattr(child, "out_features", None) == count:
                        self._hooks.append(child.register_forward_hook(self._linear_hook(number)))
                self._hooks.append(routers[0].register_forward_hook(self._router_hook(number, module)))
            if self.blocks:
                self._hooks.append(parent.register_forward_hook(self._block_hook(number), with_kwargs=True))
        return self

    @property
    def layers(self) -> list[int]:
        """The number in the checkpoint of each layer that is recorded: the first number in the name of its experts."""
        return [int(next(part for part in name.split(".") if part.isdigit())) for name, _, _ in self.experts]

    def __exit__(self, *_: object) -> None:
        """Leave the model as it was."""
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    def _begin(self, module: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        """Note the tokens of a forward pass."""
        import torch

        bound = inspect.signature(type(module).forward).bind_partial(module, *args, **kwargs).arguments
        bound = {**bound.pop("kwargs", {}), **bound}
        ids = bound.get("input_ids")
        if ids is None:
            raise RecordingError("the model is called without input_ids, which tell the tokens")
        mask = bound.get("attention_mask")
        if mask is not None and mask.dim() != 2:
            raise RecordingError(f"an attention_mask of shape {tuple(mask.shape)}; [sequence, token] is read")
        # With a cache, the mask is that of all tokens so far.
        kept = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask[:, -ids.shape[1] :].bool()
        self._kept = kept.reshape(-1).cpu().numpy()
        self._seen.clear()
        self._rows.setdefault("token_ids", []).append(ids.reshape(-1).cpu().numpy().astype(np.int32)[self._kept])
        # Transformers 5.24 calls the cache of generate so; before, both were past_key_values.
        caches = [bound.get(key) for key in ("cache", "past_key_values")]
        if any(cache is not None and cache.get_seq_length() > 0 for cache in caches):
            # The tokens of a sequence come one by one, between those of others.
            self._lengths = None
        if self._lengths is not None:
            self._lengths += [int(length) for length in kept.sum(dim=1) if length > 0]

    def _add(self, name: str, tensor: Any, dtype: type) -> None:
        """Add the rows of the tokens that are kept."""
        if self._kept is None:
            raise RecordingError("experts are called outside a forward pass of the model that is recorded")
        rows = tensor.detach().reshape(-1, tensor.shape[-1]).float() if dtype is np.float32 else tensor.detach()
        array = rows.reshape(-1, tensor.shape[-1]).cpu().numpy().astype(dtype)
        if len(array) != len(self._kept) or name in self._seen:
            raise RecordingError(f"{name}: {len(array)} rows of {len(self._kept)} tokens, or a second time in one pass")
        self._seen.add(name)
        kind = {"router_logits": "router_dtype", "topk_weight": "weight_dtype"}.get(name.rpartition(".")[2])
        if kind:
            self._dtypes.setdefault(kind, set()).add(str(tensor.dtype))
        self._rows.setdefault(name, []).append(array[self._kept])

    def _experts_hook(self, number: int, pair: tuple[str, str]) -> Any:
        """A hook that records what enters the experts of a layer."""

        def hook(module: Any, args: tuple, kwargs: dict[str, Any]) -> None:
            bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs).arguments
            index, weights = (bound[name] for name in pair)
            if weights.shape != index.shape:
                # The weights of all experts: those of the chosen ones count.
                weights = weights.gather(-1, index)
            self._add(f"layers.{number}.topk_index", index, np.int32)
            self._add(f"layers.{number}.topk_weight", weights, np.float32)

        return hook

    def _linear_hook(self, number: int) -> Any:
        """A hook that keeps what the projection of a router gives, until the router is done."""

        def hook(module: Any, args: tuple, output: Any) -> None:
            self._linear[number] = output

        return hook

    def _router_hook(self, number: int, experts: Any) -> Any:
        """A hook that records the logits of a layer.

        Most routers return them first. Some return what a softmax or a sigmoid makes of them (Gemma 4; others in early
        releases of transformers 5): then the logits are those of the router's projection, if that same function makes
        the same of them. Else the layer has none, and a warning says so.
        """

        def hook(module: Any, args: tuple, output: Any) -> None:
            import torch

            first = output[0] if isinstance(output, tuple) else output
            count = getattr(experts, "num_experts", None)
            linear = self._linear.pop(number, None)
            if not hasattr(first, "dim") or not first.is_floating_point() or first.shape[-1] != count:
                return
            rows = first.detach().float().reshape(-1, count)
            if rows.numel() and (rows < 0).any() or (rows > 1).any():
                self._add(f"layers.{number}.router_logits", first, np.float32)
                return
            weight = getattr(module, "weight", None)
            if linear is None and weight is not None and weight.shape == (count, args[0].shape[-1]):
                linear = torch.nn.functional.linear(args[0].to(weight.dtype), weight, getattr(module, "bias", None))
            candidate = None if linear is None else linear.detach().float().reshape(-1, count)
            # Half precision rounds them to a hundredth of the largest.
            near = 1e-5 if first.dtype == torch.float32 else 1e-2
            sums = torch.allclose(rows.sum(dim=-1), torch.ones(()).to(rows), atol=near * count, rtol=0)
            for scores in (torch.softmax, lambda values, dim: torch.sigmoid(values)):
                if candidate is not None and torch.allclose(scores(candidate, dim=-1), rows, atol=near, rtol=near):
                    self._add(f"layers.{number}.router_logits", candidate, np.float32)
                    return
            if not sums:
                self._add(f"layers.{number}.router_logits", first, np.float32)
            elif number not in self._without_logits:
                self._without_logits.add(number)
                warnings.warn(
                    f"the router of layer {number}, a {type(module).__name__}, returns probabilities and not logits: no "
                    "router_logits of this layer are recorded",
                    stacklevel=2,
                )

        return hook

    def _block_hook(self, number: int) -> Any:
        """A hook that records what enters and leaves the block of a layer."""

        def hook(module: Any, args: tuple, kwargs: dict[str, Any], output: Any) -> None:
            self._add(f"layers.{number}.block_input", [*args, *kwargs.values()][0], np.float32)
            self._add(f"layers.{number}.block_output", output[0] if isinstance(output, tuple) else output, np.float32)

        return hook

    def tensors(self) -> dict[str, np.ndarray]:
        """What was recorded: ``layers.<l>.topk_index``, ``topk_weight`` and ``router_logits``, and ``token_ids``.

        With ``blocks``, there are ``layers.<l>.block_input`` and ``block_output``, too. Unless tokens were generated one by one, there are ``sequence_lengths``, too.
        """
        if not self._rows.get("layers.0.topk_index"):
            raise RecordingError("nothing was recorded: call the model within the recorder")
        tensors = {name: np.concatenate(parts) for name, parts in self._rows.items()}
        for number in self._without_logits:
            tensors.pop(f"layers.{number}.router_logits", None)
        for number, (name, _, _) in enumerate(self.experts):
            parent = self.model.get_submodule(name.rpartition(".")[0])
            for path, buffer in [*parent.named_buffers(), *parent.named_parameters()]:
                if path.rpartition(".")[2] == "e_score_correction_bias":
                    # One per expert; ERNIE keeps it as [1, expert].
                    tensors[f"layers.{number}.selection_bias"] = buffer.detach().float().cpu().numpy().reshape(-1)
        if self._lengths is not None:
            tensors["sequence_lengths"] = np.asarray(self._lengths, dtype=np.int32)
        return tensors

    def save(self, path: str) -> None:
        """Write what was recorded to a .safetensors file."""
        save(self.tensors(), path, self.metadata())

    def metadata(self) -> dict[str, str]:
        """The number types in which the model has logits and weights, which are written as singles."""
        return {kind: next(iter(found)) for kind, found in self._dtypes.items() if len(found) == 1}


def record_texts(name: str, paths: list[str], tokens: int, dtype: str, out: str, blocks: bool = False) -> None:
    """Record the routing of the beginnings of some texts, one forward pass for each."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(name, dtype=getattr(torch, dtype)).eval()
    tokenizer = AutoTokenizer.from_pretrained(name)
    with RoutingRecorder(model, blocks) as recorder, torch.no_grad():
        for path in paths:
            with open(path, encoding="utf-8") as file:
                ids = tokenizer(file.read(), return_tensors="pt").input_ids[:, :tokens]
            model(ids.to(model.device))
    recorder.save(out)


def routed_experts(value: Any) -> np.ndarray | None:
    """The choices [token, layer, k] of one field of vLLM: an array, lists, or the base64 of a .npy file."""
    if value is None:
        return None
    if isinstance(value, str):
        value = np.load(io.BytesIO(base64.b64decode(value)), allow_pickle=False)
    array = np.asarray(value)
    if array.ndim != 3 or not np.issubdtype(array.dtype, np.integer):
        found = f"routed experts of shape {array.shape} and type {array.dtype}"
        raise RecordingError(f"{found}; integers [token, layer, k] are needed")
    return array.astype(np.int32)


def _field(thing: Any, name: str) -> Any:
    """A field of an output of vLLM, or of an answer of its server."""
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)


def _sequences(outputs: Iterable[Any]) -> Iterator[tuple[np.ndarray, list[int] | None]]:
    """The choices of each sequence, and the ids of all its tokens where they are known.

    From vLLM 0.22 on each completion has the choices of its prompt and of all generated tokens but the last, which no
    layer has seen. In 0.21 the prompt had a field of its own.
    """
    for output in outputs:
        prompt = routed_experts(_field(output, "prompt_routed_experts"))
        for completion in _field(output, "choices") or _field(output, "outputs") or []:
            experts = routed_experts(_field(completion, "routed_experts"))
            parts = [part for part in (prompt, experts) if part is not None and len(part)]
            # A prompt counts once, whatever the number of its completions.
            prompt = None
            if not parts:
                continue
            first = _field(output, "prompt_token_ids")
            if first is None:
                first = _field(completion, "prompt_token_ids")
            last = _field(completion, "token_ids")
            yield np.concatenate(parts), None if first is None or last is None else [*first, *last]


def vllm_recording(outputs: Iterable[Any]) -> dict[str, np.ndarray]:
    """The trace of what vLLM returns: ``topk_ids`` [token, layer, k], ``sequence_lengths`` and perhaps ``token_ids``.

    Layers without experts, which vLLM leaves at zero, are left out; so are tokens whose choices were not kept (-1).

    :param outputs: the outputs of ``LLM.generate``, or answers of the server as they come out of JSON.
    """
    kept: list[np.ndarray] = []
    ids: list[int] | None = []
    for experts, known in _sequences(outputs):
        whole = (experts >= 0).all(axis=(1, 2))
        kept.append(experts[whole])
        if known is None or len(known) < len(experts):
            ids = None
        if ids is not None and known is not None:
            # The last token has no choices unless the engine says so; a prompt may begin later.
            tokens = known if len(known) == len(experts) else known[:-1][len(known) - 1 - len(experts) :]
            ids += np.asarray(tokens, dtype=np.int32)[whole].tolist()
    kept = [part for part in kept if len(part)]
    if not kept:
        raise RecordingError("no routed experts: was the engine started with --enable-return-routed-experts?")
    shapes = {part.shape[1:] for part in kept}
    if len(shapes) > 1:
        raise RecordingError(f"sequences of different layers and choices: {sorted(shapes)}")
    experts = np.concatenate(kept)
    layers = [layer for layer in range(experts.shape[1]) if experts.shape[2] == 1 or experts[:, layer].any()]
    if not layers:
        raise RecordingError("all choices are expert 0")
    tensors = {
        "topk_ids": experts[:, layers],
        "sequence_lengths": np.asarray([len(part) for part in kept], dtype=np.int32),
    }
    if ids is not None:
        tensors["token_ids"] = np.asarray(ids, dtype=np.int32)
    return tensors


def answers(paths: list[str]) -> Iterator[dict[str, Any]]:
    """The answers of a server in some files: one object in a .json file, one on each line of any other."""
    for path in paths:
        with open(path, encoding="utf-8") as file:
            if path.endswith(".json"):
                yield json.load(file)
            else:
                yield from (json.loads(line) for line in file if line.strip())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Record the routing of a model in a file that epsim reads.")
    commands = parser.add_subparsers(dest="engine", required=True)
    model = commands.add_parser("transformers", help="run a model of transformers over texts")
    model.add_argument("model", help="name or folder of the model")
    model.add_argument("texts", nargs="+", help="text files; each is a sequence")
    model.add_argument("--tokens", type=int, default=1024, help="tokens of each text at most (default 1024)")
    model.add_argument("--dtype", default="float32", help="number type of the model (default float32)")
    model.add_argument("--blocks", action="store_true", help="also what enters and leaves the block of every layer")
    served = commands.add_parser("vllm", help="turn answers of vLLM's server into a trace")
    served.add_argument("answers", nargs="+", help="answers: .json holds one, .jsonl one on each line")
    for command in (model, served):
        command.add_argument("--out", required=True, help=".safetensors file to write")
    given = parser.parse_args(arguments)
    try:
        if given.engine == "transformers":
            record_texts(given.model, given.texts, given.tokens, given.dtype, given.out, given.blocks)
        else:
            save(vllm_recording(answers(given.answers)), given.out)
    except (RecordingError, OSError, ValueError) as error:
        print(f"record_routing: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
