#!/usr/bin/env python3
"""epsim's own placement policy against EPLB, and the time of EPLB against DeepSeek's Python.

    python3 Benchmarks/placement.py --epsim .build/release/epsim --traces FOLDER
    python3 Benchmarks/placement.py --epsim .build/release/epsim --loads FILE --eplb eplb.py

FOLDER holds the routing of DeepSeek-V2-Lite as deepseek-v2-lite.TASK.safetensors. Placed by the first half of each
task and scored on steps of 512 tokens of the second, replicas sharing copies evenly: the mean over tasks of the mean
imbalance, for each number of redundant slots (R) and ranks (D), and the share of EPLB's distance to the lower bound
that the own policy saves. FILE holds loads of DeepSeek-V3; eplb.py is that of deepseek-ai/EPLB, which needs torch.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import time

TASKS = ("intent", "law", "summary")
SIZES = ((16, 8), (16, 16), (32, 8), (32, 16), (32, 32), (64, 8), (64, 16), (64, 32), (64, 64))
# Slots, groups, nodes and ranks of the expert-parallel sizes that DeepSeek-V3's loads are packed for.
PACKED = ((288, 8, 4, 32), (288, 8, 9, 72), (288, 8, 18, 144), (320, 8, 8, 64), (320, 8, 1, 64), (320, 8, 40, 320))
OWN, PEER = "busiest-rank", "eplb-global"


def place(epsim: str, system: str, loads: str, slots: int, ranks: int, *more: str) -> dict:
    """What `epsim place` says of a file, as data."""
    command = [epsim, "place", "--system", system, "--loads", loads, "--slots", str(slots), "--ranks", str(ranks)]
    done = subprocess.run([*command, *more, "--format", "json"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def against_eplb(epsim: str, folder: str) -> None:
    """Print the table of the own policy and EPLB."""
    print(f"{'R':>3} {'D':>3} {'contiguous':>11} {'EPLB':>7} {'own':>7} {'bound':>7} {'of the distance':>16}")
    gains = []
    for redundant, ranks in SIZES:
        found = {name: [] for name in ("in force", PEER, OWN, "bound")}
        for task in TASKS:
            path = f"{folder}/deepseek-v2-lite.{task}.safetensors"
            tokens = ["--set", f"workload.tokens_per_rank={512 // ranks}"]
            policies = ["--policy", PEER, "--policy", OWN]
            facts = place(epsim, "deepseek-v2-lite", path, 64 + redundant, ranks, *policies, *tokens)
            for row in facts["policies"]:
                found[row["policy"]].append(row["later_imbalance"]["mean"])
            found["bound"].append(facts["lower_bound"])
        force, peer, own, bound = (statistics.mean(values) for values in found.values())
        gains.append((peer - own) / (peer - bound))
        print(
            f"{redundant:>3} {ranks:>3} {force:>11.3f} {peer:>7.3f} {own:>7.3f} {bound:>7.3f} {gains[-1]:>15.1%}",
            flush=True,
        )
    print(f"mean of the distance: {statistics.mean(gains):.1%}")


def time_of_eplb(epsim: str, loads: str, path: str, repeats: int) -> None:
    """Print the time of DeepSeek's Python and that of epsim on the same loads, medians of alternating runs."""
    import torch

    torch.set_num_threads(1)
    spec = importlib.util.spec_from_file_location("eplb", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with open(loads, encoding="utf-8") as file:
        weights = torch.tensor([row for row in json.load(file)["logical_count"] if any(row)])
    print(f"{weights.shape[0]} layers; {'slots':>5} {'ranks':>5} {'Python ms':>10} {'epsim ms':>9} {'ratio':>7}")
    for slots, groups, nodes, ranks in PACKED:
        theirs, ours = [], []
        is_global = groups % nodes != 0
        policy = "eplb-global" if is_global else "eplb-hierarchical"
        for _ in range(repeats):
            start = time.perf_counter()
            module.rebalance_experts(weights, slots, groups, nodes, ranks)
            theirs.append(time.perf_counter() - start)
            more = ["--policy", policy]
            if not is_global:
                more += ["--groups", str(groups), "--nodes", str(nodes)]
            facts = place(epsim, "deepseek-v3", loads, slots, ranks, *more)
            ours.append(facts["policies"][1]["planning_seconds"])
        their, our = statistics.median(theirs), statistics.median(ours)
        print(f"{'':>10} {slots:>5} {ranks:>5} {1e3 * their:>10.1f} {1e3 * our:>9.2f} {their / our:>7.0f}", flush=True)


def main() -> None:
    """Read the arguments and print what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epsim", required=True, help="the program")
    parser.add_argument("--traces", help="folder with recorded routing")
    parser.add_argument("--loads", help="file of loads")
    parser.add_argument("--eplb", help="eplb.py of deepseek-ai/EPLB")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each size")
    arguments = parser.parse_args()
    if arguments.traces:
        against_eplb(arguments.epsim, arguments.traces)
    if arguments.loads and arguments.eplb:
        time_of_eplb(arguments.epsim, arguments.loads, arguments.eplb, arguments.repeats)


if __name__ == "__main__":
    main()
