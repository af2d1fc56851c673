"""Figures of the comparison: medians, their spread, the table and the file."""

import dataclasses
import json
import os
import pathlib
import statistics

from . import targets

HOLDING_DOWN = ("DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS")


@dataclasses.dataclass
class Result:
    """One line of the comparison. `ratio` is what the target is about: better above for speeds, below for shares."""

    work: str
    dtype: str
    tokens: int
    metric: str
    value: float
    baseline: float
    ratio: float
    # What the baseline is, where that was found by trying.
    against: str | None = None

    def __post_init__(self):
        self.bound = targets.target(self.metric, self.work, self.dtype, self.tokens, has_avx512())

    def row(self, processor=None):
        """As written to bench.json."""
        bound = None if self.bound is None else " ".join(map(str, self.bound))
        met = targets.is_met(self.bound, self.ratio)
        return {**dataclasses.asdict(self), "target": bound, "met": met, "processor": processor}


class Series:
    """Seconds of steps, round by round."""

    def __init__(self):
        self.rounds = []

    def add(self, seconds):
        """One round."""
        self.rounds.append(list(seconds))

    def median(self):
        """The median over all steps of all rounds."""
        return statistics.median(step for round in self.rounds for step in round)

    def spread(self):
        """The smallest and the largest median of a round."""
        medians = [statistics.median(round) for round in self.rounds]
        return min(medians), max(medians)


def table(heads, rows):
    """Lines of a table, the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(len(row[index]) for row in cells) for index in range(len(heads))]
    lines = []
    for row in cells:
        parts = [cell.ljust(w) if index == 0 else cell.rjust(w) for index, (cell, w) in enumerate(zip(row, widths))]
        lines.append("  ".join(parts).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def verdicts(results):
    """The table of all results."""
    words = {True: "met", False: "MISSED", None: ""}
    rows = []
    for result in results:
        row = result.row()
        figures = [f"{row[key]:.4g}" if row[key] is not None else "" for key in ("value", "baseline", "ratio")]
        rows.append([row["work"], row["dtype"], row["metric"], *figures, row["target"] or "", words[row["met"]]])
    lines = [table(["work", "dtype", "metric", "value", "baseline", "ratio", "target", ""], rows)]
    found = [result for result in results if result.against]
    return "\n".join(lines + [f"{one.work} {one.dtype}, {one.metric}: {one.against}" for one in found])


def has_avx512():
    """Whether products may use AVX-512."""
    return "avx512f" in _fields().get("flags", "").split() and os.environ.get("DNNL_MAX_CPU_ISA") != "AVX2"


def _fields():
    """What the system says of its first core."""
    fields = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields


def processor():
    """The processor that figures belong to, and how its libraries were held down."""
    fields = _fields()
    numbers = f"family {fields.get('cpu family')}, model {fields.get('model')}"
    sets = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in fields.get("flags", "").split()]
    held = [f"{name}={os.environ[name]}" for name in HOLDING_DOWN if name in os.environ]
    return ", ".join([fields.get("model name", "unknown processor"), numbers, " ".join(sets), *held])


def write(path, results):
    """Writes bench.json, whole or not at all."""
    here = processor()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps([result.row(here) for result in results], indent=1) + "\n")
    partial.rename(path)
