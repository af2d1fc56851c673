"""The targets, in one table: (metric, work or its beginning, dtype or None for both) -> comparison and bound."""

import operator

AT_LEAST, AT_MOST = ">=", "<="

SPEED = "tokens/s against the gloo pair"
PRODUCTS = "speed against the best library alone"
BITS = "speed of products that keep bits against the best"
DECODE_LIMIT = "speed against the larger limit"
WIRE = "speed against libzmq alone"
EXPOSED = "exposed communication, share of the step"
COORDINATOR = "coordinator's own work, share of the step"
WORKER_MEMORY = "peak memory of a worker against its allowance"
COORDINATOR_MEMORY = "peak memory of the coordinator"
START = "start of 64 workers, s"
OVERHEAD = "overhead per worker, µs, of 64 against that of 8"

_TABLE = [
    (SPEED, "decode", "bf16", AT_LEAST, 2.3),
    (SPEED, "middle", "bf16", AT_LEAST, 1.25),
    (SPEED, "prefill", "bf16", AT_LEAST, 1.2),
    (SPEED, "fine-grained-64", "bf16", AT_LEAST, 3.5),
    (SPEED, "fine-grained-512", "bf16", AT_LEAST, 2.3),
    (SPEED, "fine-grained-2048", "bf16", AT_LEAST, 2.5),
    (SPEED, "decode", "f32", AT_LEAST, 2.2),
    (SPEED, "middle", "f32", AT_LEAST, 1.2),
    (SPEED, "prefill", "f32", AT_LEAST, 1.12),
    (SPEED, "fine-grained-64", "f32", AT_LEAST, 2.8),
    (SPEED, "fine-grained-512", "f32", AT_LEAST, 1.6),
    (SPEED, "fine-grained-2048", "f32", AT_LEAST, 1.5),
    (PRODUCTS, "prefill", None, AT_LEAST, 0.90),
    (PRODUCTS, "fine-grained-2048", None, AT_LEAST, 0.80),
    (DECODE_LIMIT, "decode", None, AT_LEAST, 0.75),
    (EXPOSED, "prefill", None, AT_MOST, 0.05),
    (COORDINATOR, "prefill", None, AT_MOST, 0.08),
    (START, "growth", None, AT_MOST, 6.0),
    # Linear growth has the same overhead per worker everywhere; a quarter is left for noise.
    (OVERHEAD, "growth", None, AT_MOST, 1.25),
]

# What may be asked of products without AVX-512, where PyTorch's are nearer to those of oneDNN.
_WITHOUT_AVX512 = {
    (SPEED, "decode", "f32"): 1.5,
    (SPEED, "middle", "f32"): 1.1,
    (SPEED, "prefill", "f32"): 1.0,
    (SPEED, "fine-grained-64", "f32"): 1.5,
    (SPEED, "fine-grained-512", "f32"): 1.1,
    (SPEED, "fine-grained-2048", "f32"): 1.1,
}

_RELATIONS = {AT_LEAST: operator.ge, AT_MOST: operator.le}


def target(metric, work, dtype, tokens=None, avx512=True):
    """The relation and the bound that a metric has to meet, or None."""
    if metric == SPEED and not avx512:
        bound = _WITHOUT_AVX512.get((metric, work, dtype))
        return bound and (AT_LEAST, bound)
    if metric == WIRE and not work.startswith("smallest"):
        return AT_LEAST, 0.85 if tokens >= 512 else 0.6
    if metric == WORKER_MEMORY and not work.startswith("smallest"):
        return AT_MOST, 1.0
    for known, name, kind, relation, bound in _TABLE:
        if known == metric and name == work and kind in (None, dtype):
            return relation, bound
    return None


def is_met(target, ratio):
    """Whether a figure meets its target; None where there is no target."""
    if target is None:
        return None
    relation, bound = target
    return _RELATIONS[relation](ratio, bound)
