"""What epsim and PyTorch both read: the weights of a layer and the tokens, the same on every machine."""

import json

import numpy

BLOCK = "model.layers.0.block_sparse_moe"
SEED = 2024
ACTIVATION_TOKENS = 8192


def bf16_bits(values):
    """The nearest bfloat16 of each single, ties to even, as its 16 bits."""
    bits = numpy.ascontiguousarray(values, dtype=numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def from_bf16(bits):
    """The singles of bfloat16 bits."""
    return (bits.astype(numpy.uint32) << 16).view(numpy.float32)


def write_safetensors(path, tensors):
    """Writes tensors one after the other; `tensors` yields (name, array): 16-bit arrays are bfloat16, others singles.

    numpy has no bfloat16, hence an own writer."""
    header, parts, offset = {}, [], 0
    for name, array in tensors:
        end = offset + array.nbytes
        dtype = "BF16" if array.dtype == numpy.uint16 else "F32"
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, end]}
        parts.append(array)
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in parts:
            file.write(array.tobytes())
    partial.rename(path)


def checkpoint(folder, work):
    """A folder with a layer as Mixtral checkpoints have it. Weights are bfloat16 numbers, so that both dtypes compute
    with the same ones."""
    place = folder / f"checkpoint-{work.hidden}-{work.ffn}-{work.experts}-{work.top_k}"
    if (place / "model.safetensors").exists():
        return place
    place.mkdir(parents=True, exist_ok=True)
    configuration = {
        "model_type": "mixtral",
        "hidden_size": work.hidden,
        "intermediate_size": work.ffn,
        "num_local_experts": work.experts,
        "num_experts_per_tok": work.top_k,
        "hidden_act": "silu",
        "num_hidden_layers": 1,
    }
    (place / "config.json").write_text(json.dumps(configuration, indent=1) + "\n")
    write_safetensors(place / "model.safetensors", _layer(work))
    return place


def _layer(work):
    random = numpy.random.default_rng(SEED)

    def matrix(outputs, inputs):
        return bf16_bits(random.standard_normal((outputs, inputs), dtype=numpy.float32) / numpy.sqrt(inputs))

    yield f"{BLOCK}.gate.weight", matrix(work.experts, work.hidden)
    for expert in range(work.experts):
        yield f"{BLOCK}.experts.{expert}.w1.weight", matrix(work.ffn, work.hidden)
        yield f"{BLOCK}.experts.{expert}.w2.weight", matrix(work.hidden, work.ffn)
        yield f"{BLOCK}.experts.{expert}.w3.weight", matrix(work.ffn, work.hidden)


def activations(folder, hidden):
    """A file of tokens with a mean square of 1, bfloat16 numbers held as singles."""
    path = folder / f"tokens-{hidden}.safetensors"
    if not path.exists():
        random = numpy.random.default_rng(SEED + 1)
        tokens = random.standard_normal((ACTIVATION_TOKENS, hidden), dtype=numpy.float32)
        write_safetensors(path, [("hidden_states", from_bf16(bf16_bits(tokens)))])
    return path
