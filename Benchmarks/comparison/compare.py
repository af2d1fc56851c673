"""The comparison of one work in one dtype: same outputs first, then rounds of A B A B."""

import contextlib
import dataclasses
import os
import pathlib
import sys

import numpy

from . import blas, data, targets
from .contender import Contender, ContenderError
from .epsim import Epsim, layer_configuration, wire_configuration
from .results import Result, Series

CREDIT_BYTES = 64 << 20
HERE = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where things are, and how long to measure."""

    folder: pathlib.Path
    epsim: pathlib.Path
    limits: pathlib.Path
    rounds: int
    seconds: float
    # Whether there is a PyTorch to compare with.
    has_gloo: bool = True

    def steps(self, step_seconds):
        """Steps of warm-up and measured steps of a round. Few do where they are long, since rounds are many."""
        steps = max(2, min(200, int(self.seconds / step_seconds)))
        return min(2, steps - 1), steps


def compare(work, dtype, setting):
    """All results of a work."""
    folder = setting.folder / f"{work.name}-{dtype}"
    if work.is_wire_only:
        return _compare_wire(work, dtype, setting, folder)
    return _compare_layer(work, dtype, setting, folder)


def _note(text):
    print(text, file=sys.stderr, flush=True)


def _rounds(setting, contenders):
    """Lets each contender have its turn, round after round; the first round only warms up."""
    series = {name: Series() for name in contenders}
    for round in range(-1, setting.rounds):
        for name, turn in contenders.items():
            seconds = turn()
            if round >= 0:
                series[name].add(seconds)
    for name, one in series.items():
        low, high = (1e3 * bound for bound in one.spread())
        _note(f"  {name:16} {1e3 * one.median():10.3f} ms a step, rounds {low:.3f} to {high:.3f}")
    return series


# Experts with weights


def _compare_layer(work, dtype, setting, folder):
    checkpoint = data.checkpoint(setting.folder, work)
    tokens = data.activations(setting.folder, work.hidden)
    configuration = layer_configuration(work, dtype, checkpoint, tokens)
    with contextlib.ExitStack() as stack:
        epsim = stack.enter_context(Epsim(setting.epsim, folder, work.workers, configuration))
        # The outputs first, then memory: the file of outputs holds all steps, which no run needs otherwise.
        warmup, steps = 2, 5
        saved = epsim.run(warmup, steps, save=folder / "epsim.safetensors")
        pair = {}
        if setting.has_gloo:
            gloo = stack.enter_context(_gloo(work, dtype, folder, checkpoint, tokens))
            _check_outputs(work, dtype, folder, gloo, warmup, steps)
            pair["gloo pair"] = lambda: gloo.seconds(warmup, steps)
        warmup, steps = setting.steps(min(saved.seconds()))
        # The numbers of tokens go round in the file, so that all contenders read the same ones.
        first, coordinator_peak = epsim.run_watched(warmup, steps)
        products = stack.enter_context(_products(work, dtype, setting, folder, first))
        sizes = first.messages()
        wire = stack.enter_context(_wire(work, setting, folder, sizes))
        runs, reads = [], []

        def run_epsim():
            runs.append(epsim.run(warmup, steps))
            return runs[-1].seconds()

        def read_weights():
            answer = products.ask(f"read {steps}")[0]
            reads.append(answer["bytes"])
            return answer["seconds"]

        series = _rounds(
            setting,
            {
                "epsim": run_epsim,
                **pair,
                "library alone": lambda: products.seconds(warmup, steps),
                "and bits kept": lambda: products.ask(f"keep {warmup} {steps}")[0]["seconds"],
                "weights read": read_weights,
                "libzmq alone": lambda: wire.seconds(warmup, steps),
            },
        )
        peaks = epsim.worker_peaks(runs[-1])
    medians = {name: one.median() for name, one in series.items()}
    ways = products.greetings[0]
    gflops = work.flops() / medians["library alone"] / 1e9
    bandwidth = 2 * reads[-1] / medians["weights read"] / 1e9
    _note(f"  {ways['ready']}: {gflops:.0f} GFLOP/s of both processes; bits kept: {ways['kept']}; "
          f"weights read at {bandwidth:.1f} GB/s, messages: {sizes[0]} a worker of {sizes[1]} and {sizes[2]} bytes")
    return _layer_results(work, dtype, medians, ways, runs, peaks, coordinator_peak)


def _layer_results(work, dtype, medians, ways, runs, peaks, coordinator_peak):
    def result(metric, value, baseline, ratio, against=None):
        return Result(work.name, dtype, work.tokens, metric, value, baseline, ratio, against)

    step, products, kept = (medians[name] for name in ("epsim", "library alone", "and bits kept"))
    results = []
    if pair := medians.get("gloo pair"):
        results.append(result(targets.SPEED, work.tokens / step, work.tokens / pair, pair / step))
    results += [
        result(targets.PRODUCTS, step, products, products / step, ways["ready"]),
        result(targets.BITS, kept, products, products / kept, f"{ways['kept']} against {ways['ready']}"),
    ]
    if work.name == "decode":
        limit = max(products, medians["weights read"])
        results.append(result(targets.DECODE_LIMIT, step, limit, limit / step))
    measured = runs[-len(runs) + 1 :]
    exposed = _median(run.report["communication"]["exposed_share"] for run in measured)
    own = _median(run.report["coordinator"]["share"] for run in measured)
    results.append(result(targets.EXPOSED, exposed, None, exposed))
    results.append(result(targets.COORDINATOR, own, None, own))
    return results + _memory_results(result, runs[-1], peaks, coordinator_peak)


def _memory_results(result, run, peaks, coordinator_peak):
    allowances = []
    for worker in run.report["run"]["workers"]:
        batch = max(
            entry["dispatch"] + entry["combine"]
            for (_, rank), entry in run.rank_traffic().items()
            if rank == worker["rank"]
        )
        allowances.append(1.1 * worker["weight_bytes"] + 2 * batch + (64 << 20))
    worst = max(range(len(peaks)), key=lambda rank: peaks[rank] / allowances[rank])
    return [
        result(targets.WORKER_MEMORY, peaks[worst], allowances[worst], peaks[worst] / allowances[worst]),
        result(targets.COORDINATOR_MEMORY, coordinator_peak, None, None),
    ]


def _median(values):
    return float(numpy.median(list(values)))


# Experts that return their input


def _compare_wire(work, dtype, setting, folder):
    with contextlib.ExitStack() as stack:
        epsim = stack.enter_context(Epsim(setting.epsim, folder, work.workers, wire_configuration(work, dtype)))
        first = epsim.run(1, 5 if work.tokens < 4096 else 2)
        warmup, steps = setting.steps(min(first.seconds()))
        sizes = first.messages()
        wire = stack.enter_context(_wire(work, setting, folder, sizes))
        series = _rounds(
            setting,
            {
                "epsim": lambda: epsim.run(warmup, steps).seconds(),
                "libzmq alone": lambda: wire.seconds(warmup, steps),
            },
        )
    medians = {name: one.median() for name, one in series.items()}
    limit = medians["libzmq alone"]
    moved = work.workers * sizes[0] * (sizes[1] + sizes[2])
    _note(f"  libzmq {moved / limit / 1e9:.2f} GB/s, messages: {sizes[0]} a worker of {sizes[1]} and {sizes[2]} bytes, "
          f"{wire.greetings[0]['ready']} out at once")
    step = medians["epsim"]
    return [Result(work.name, dtype, work.tokens, targets.WIRE, moved / step, moved / limit, limit / step)]


# The contenders


def _gloo(work, dtype, folder, checkpoint, tokens):
    meeting = folder / "meeting"
    commands = [
        [sys.executable, HERE / "gloo_pair.py", "--rank", rank, "--meeting", meeting, "--tokens", work.tokens]
        + ["--checkpoint", checkpoint / "model.safetensors", "--activations", tokens, "--top-k", work.top_k]
        + ["--dtype", {"bf16": "bfloat16", "f32": "float32"}[dtype]]
        for rank in range(2)
    ]
    environment = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    return Contender("gloo pair", commands, folder / "gloo.log", environment)


def _products(work, dtype, setting, folder, run):
    counts = folder / "counts.txt"
    counts.write_text("\n".join(" ".join(map(str, step)) for step in run.counts()) + "\n")
    command = [setting.limits / "products", work.hidden, work.ffn, work.experts, dtype, counts]
    return Contender("library alone", [command], folder / "products.log", blas.environment())


def _wire(work, setting, folder, sizes):
    endpoint = f"ipc://@epsim-bench-{os.getpid()}"
    command = [setting.limits / "wire", endpoint, work.workers, *sizes, CREDIT_BYTES]
    return Contender("libzmq alone", [command], folder / "wire.log")


# The same outputs


def _check_outputs(work, dtype, folder, gloo, warmup, steps):
    """Compares choices and outputs of epsim with those of the gloo pair; raises when they differ."""
    import safetensors.numpy

    paths = [folder / f"gloo-{rank}.safetensors" for rank in range(2)]
    gloo.ask(*(f"save {path} {warmup} {steps}" for path in paths))
    halves = [safetensors.numpy.load_file(path) for path in paths]
    ours = safetensors.numpy.load_file(folder / "epsim.safetensors")
    theirs = {name: numpy.concatenate([half[name] for half in halves], axis=1) for name in halves[0]}
    theirs = {name: part.reshape(-1, part.shape[-1]) for name, part in theirs.items()}
    same = (numpy.sort(ours["layers.0.topk_index"]) == numpy.sort(theirs["topk_index"])).all(axis=1)
    mine, other = ours["layers.0.output"], theirs["output"]
    norm = numpy.linalg.norm
    difference = float((norm(mine - other, axis=1) / norm(other, axis=1))[same].max())
    _note(f"  outputs of a token differ by {difference:.1e} of their norm at most; "
          f"{int((~same).sum())} of {len(same)} tokens have other experts")
    for path in [*paths, folder / "epsim.safetensors"]:
        path.unlink()
    # Choices can differ where logits are equal but for the order of a sum.
    if (~same).sum() > len(same) // 1000:
        raise ContenderError(f"{work.name}: epsim and the gloo pair choose different experts")
    # In bf16 the inner values are rounded once here and thrice there, the rows and outputs once on both sides: each
    # time by 2^-9 at most, and independently.
    if not difference <= {"bf16": 2**-6, "f32": 1e-5}[dtype]:
        raise ContenderError(f"{work.name}: the outputs of epsim and of the gloo pair differ by {difference:.1e}")
