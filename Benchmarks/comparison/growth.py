"""How the time of a step grows with tokens, workers, experts and layers."""

import dataclasses
import statistics
import sys
import time

from . import targets
from .contender import ContenderError
from .epsim import Epsim
from .results import Result, table

START_TOKENS = 256


@dataclasses.dataclass(frozen=True)
class Shape:
    """A run of small experts with seeded weights."""

    tokens: int = 512
    workers: int = 2
    experts: int = 64
    layers: int = 1
    ffn: int = 128

    def configuration(self):
        """Its YAML file."""
        return f"""\
model: {{layers: {self.layers}, hidden: 256, experts: {self.experts}, expert_ffn: {self.ffn}}}
router: {{kind: softmax-top-k, top_k: 2}}
workload: {{kind: synthetic, distribution: uniform, tokens: {self.tokens}}}
cluster: {{workers: {self.workers}}}
"""


# What grows, and the shapes that it grows over.
SERIES = {
    "tokens": [Shape(tokens=tokens) for tokens in (64, 128, 256, 512, 1024, 2048, 4096, 8192)],
    "workers": [Shape(tokens=START_TOKENS, workers=workers, ffn=32) for workers in (1, 2, 4, 8, 16, 32, 64)],
    "experts": [Shape(experts=experts) for experts in (8, 16, 32, 64, 128, 256, 512)],
    "layers": [Shape(layers=layers) for layers in (1, 2, 4, 8, 16)],
}


@dataclasses.dataclass(frozen=True)
class Point:
    """What was measured of one shape: seconds of the start with its first run, and of the median step."""

    size: int
    start: float
    step: float


def measure(setting, quick):
    """Prints the tables of growth and returns what has a target."""
    results = []
    for name, shapes in SERIES.items():
        if quick:
            shapes = [shapes[0], shapes[len(shapes) // 2], shapes[-1]]
        points = []
        for shape in shapes:
            try:
                points.append(_point(name, shape, setting, rounds=1 if quick else 3))
            except ContenderError as error:
                print(f"growth in {name}: {error}", file=sys.stderr)
        _print(name, points)
        if name == "workers":
            results = _worker_results(points)
    return results


def _point(name, shape, setting, rounds):
    folder = setting.folder / "growth-run"
    began = time.monotonic()
    with Epsim(setting.epsim, folder, shape.workers, shape.configuration()) as epsim:
        first = epsim.run(1, 5)
        start = time.monotonic() - began - sum(first.seconds())
        steps = max(5, min(100, int(0.3 / min(first.seconds()))))
        seconds = [step for _ in range(rounds) for step in epsim.run(2, steps).seconds()]
    return Point(getattr(shape, name), start, statistics.median(seconds))


def _print(name, points):
    rows = []
    for last, point in zip([None, *points], points):
        grown = "" if last is None else f"{point.step / last.step / (point.size / last.size):.2f}"
        unit = 1e6 * point.step / point.size
        rows.append([point.size, f"{1e3 * point.step:.3f}", f"{unit:.2f}", grown, f"{point.start:.2f}"])
    print(f"# growth in {name}: below 1 in the fourth column, a step grows more slowly than {name}")
    print(table([name, "step ms", f"µs per {name[:-1]}", "× line above", "start s"], rows), end="\n\n", flush=True)


def _worker_results(points):
    """Start-up of the largest cluster, and whether overhead per worker grows from few workers to many.

    The products are the same for any number of workers, so what a step takes more than with one is overhead."""
    if not points or points[-1].size != 64:
        return []
    last = points[-1]
    results = [Result("growth", "f32", START_TOKENS, targets.START, last.start, None, last.start)]
    middle = next((point for point in points if point.size == 8), None)
    if middle:
        per_worker = [(point.step - points[0].step) / (point.size - 1) for point in (middle, last)]
        ratio = per_worker[1] / per_worker[0]
        values = [1e6 * value for value in reversed(per_worker)]
        results.append(Result("growth", "f32", START_TOKENS, targets.OVERHEAD, *values, ratio))
    return results
