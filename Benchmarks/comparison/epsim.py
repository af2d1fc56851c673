"""epsim as a contender: workers that stay between rounds, one `epsim run` a round."""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import time

from .contender import ContenderError

RUN_SECONDS = 300
ENVELOPE_BYTES = 96
SIZES = {"f32": 4, "bf16": 2}


class Run:
    """What one run left in its folder."""

    def __init__(self, folder):
        self.folder = folder
        self.report = json.loads((folder / "report.json").read_text())

    def seconds(self):
        """Seconds of each measured step."""
        return [step["seconds"] for step in self.report["per_step"]]

    def counts(self):
        """Rows of each expert [step][expert]."""
        experts = self.report["run"]["model"]["experts"]
        counts = [[0] * experts for _ in range(self.report["steps"])]
        for row in self._rows("experts.csv"):
            counts[int(row["step"])][int(row["expert"])] += int(row["copies"])
        return counts

    def rank_traffic(self):
        """Copies, dispatch bytes and combine bytes of each (step, rank)."""
        traffic = {}
        for row in self._rows("samples.csv"):
            if row["phase"] in ("dispatch", "combine"):
                entry = traffic.setdefault((int(row["step"]), int(row["rank"])), {})
                entry[row["phase"]] = entry.get(row["phase"], 0) + int(row["bytes"])
                entry["copies"] = int(row["tokens"])
        return traffic

    def messages(self):
        """The messages of a step per worker, and the mean payload of a dispatch and of a reply.

        Replies are the rows of the copies and an envelope per message, so the rest tells how many there were."""
        report = self.report
        row_bytes = report["run"]["model"]["expert"]["hidden"] * SIZES[report["run"]["payload_dtype"]]
        traffic = self.rank_traffic().values()
        envelopes = sum(entry["combine"] - entry["copies"] * row_bytes for entry in traffic)
        messages = max(len(traffic), round(envelopes / ENVELOPE_BYTES))
        return (
            max(1, round(messages / len(traffic))),
            max(1, round(sum(entry["dispatch"] for entry in traffic) / messages) - ENVELOPE_BYTES),
            max(1, round(sum(entry["combine"] for entry in traffic) / messages) - ENVELOPE_BYTES),
        )

    def _rows(self, name):
        with open(self.folder / name, newline="") as file:
            yield from csv.DictReader(file)


def last_run(out):
    """The newest run below `out`; older ones are deleted. The index that epsim keeps there is no run."""
    folders = sorted(path.parent for path in out.glob("*/report.json"))
    folders.sort(key=lambda folder: folder.stat().st_mtime_ns)
    if not folders:
        raise ContenderError(f"epsim left no run in {out}")
    for old in folders[:-1]:
        shutil.rmtree(old)
    return Run(folders[-1])


class Epsim:
    """A cluster of workers that stay, and runs on it. Ends them when it is left."""

    def __init__(self, binary, folder, workers, configuration):
        """Starts `workers` workers; `configuration` is the text of the YAML file of all runs."""
        self.binary = str(binary)
        self.folder = folder
        # The folder of the cluster, and what was learned of products: none of the user's is touched.
        hardware = folder.parent / f"hardware-{pathlib.Path(binary).parent.name}"
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "EPSIM_HARDWARE": str(hardware)}
        self.name = "bench"
        # Workers of a benchmark that was killed are still there.
        self.close()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.configuration = folder / "config.yaml"
        self.configuration.write_text(configuration)
        start = time.monotonic()
        try:
            self._command("cluster", "up", "--name", self.name, "--workers", workers)
        except BaseException:
            self.close()
            raise
        self.start_seconds = time.monotonic() - start

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, warmup, steps, save=None):
        """One run; raises when it fails."""
        process = self.start(warmup, steps, save)
        self._finish(process, RUN_SECONDS)
        return self._newest()

    def run_watched(self, warmup, steps, save=None):
        """One run, and the largest resident memory of its coordinator in bytes."""
        process = self.start(warmup, steps, save)
        peak = 0
        deadline = time.monotonic() + RUN_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.01)
        self._finish(process, 1)
        return self._newest(), peak

    def start(self, warmup, steps, save):
        """Starts a run."""
        words = [self.binary, "run", self.configuration, "--cluster", "--cluster-name", self.name, "--quiet"]
        words += ["--out", self.folder / "runs", "--steps", steps, "--set", f"run.warmup={warmup}"]
        if save:
            words += ["--save-outputs", save]
        return subprocess.Popen(
            [str(word) for word in words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _finish(self, process, seconds):
        try:
            text, _ = process.communicate(timeout=seconds)
        except BaseException as error:
            process.kill()
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise ContenderError(f"epsim run did not end within {seconds} s ({self.configuration})") from None
            raise
        if process.returncode != 0:
            raise ContenderError(f"epsim run ended with {process.returncode}: {text.decode(errors='replace').strip()}")

    def _newest(self):
        return last_run(self.folder / "runs")

    def worker_peaks(self, run):
        """The largest resident memory of each worker so far, in bytes, by rank."""
        return [peak_memory(worker["pid"]) for worker in run.report["run"]["workers"]]

    def _command(self, *words):
        done = subprocess.run(
            [self.binary, *(str(word) for word in words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise ContenderError(f"epsim {' '.join(map(str, words))}: {(done.stdout + done.stderr).strip()}")

    def close(self):
        """Ends the workers, by force if need be."""
        if (self.folder / "epsim" / self.name / "cluster.json").exists():
            self._command("cluster", "down", "--name", self.name, "--force")


def peak_memory(process):
    """The largest resident memory of a process so far, in bytes; 0 when it has ended."""
    try:
        text = pathlib.Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    return 0


def layer_configuration(work, dtype, checkpoint, activations):
    """A run of a work with real experts."""
    return f"""\
model: {{checkpoint: {json.dumps(str(checkpoint))}, family: mixtral, layer: 0, norm: none, dtype: {dtype}}}
workload: {{kind: activations, path: {json.dumps(str(activations))}, tensor: hidden_states, tokens: {work.tokens}}}
cluster: {{workers: {work.workers}, payload: {dtype}}}
"""


def wire_configuration(work, dtype):
    """A run of experts that return their input, with choices that cost nothing to make."""
    return f"""\
model: {{layers: 1, hidden: {work.hidden}, experts: {work.experts}, expert_ffn: {work.ffn}, norm: none}}
router: {{kind: softmax-top-k, top_k: {work.top_k}}}
workload: {{kind: synthetic, distribution: uniform, tokens: {work.tokens}}}
cluster: {{workers: {work.workers}, payload: {dtype}}}
"""
