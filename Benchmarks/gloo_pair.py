"""One of the two processes of the PyTorch contender: a mixture-of-experts layer with expert parallelism over gloo.

It is what one would write without epsim: half of the tokens and half of the experts in each process, rows to the
experts and back by all-to-all, `torch.nn.functional.linear` per local expert, one thread per process.

Commands are lines on standard input, answers are lines of JSON on standard output; end of file ends the process.
    run WARMUP STEPS           seconds of each step after the warm-up
    save FILE WARMUP STEPS     writes choices, weights and outputs of those steps to a .safetensors file
"""

import argparse
import datetime
import json
import sys
import time

import safetensors.torch
import torch
import torch.distributed as dist
from torch.nn import functional as F

PROCESSES = 2
BLOCK = "model.layers.0.block_sparse_moe"


class Layer:
    """The share of one process in the layer: its experts' weights and the buffers of a step."""

    def __init__(self, arguments):
        self.rank = arguments.rank
        self.tokens = arguments.tokens // PROCESSES
        self.top_k = arguments.top_k
        self.dtype = getattr(torch, arguments.dtype)
        self._load(arguments)
        copies = self.tokens * self.top_k
        self.sent = torch.empty(copies, self.hidden, dtype=self.dtype)
        self.returned = torch.empty(copies, self.hidden, dtype=self.dtype)
        # At worst every copy of every process comes here.
        self.received = torch.empty(PROCESSES * copies, self.hidden, dtype=self.dtype)
        self.results = torch.empty_like(self.received)
        self.grouped = torch.empty_like(self.received)
        self.counts_here = torch.empty(self.experts, dtype=torch.int64)
        self.output = torch.empty(self.tokens, 1, self.hidden)

    def _load(self, arguments):
        with safetensors.safe_open(arguments.checkpoint, framework="pt") as file:
            self.gate = file.get_tensor(f"{BLOCK}.gate.weight").float()
            self.experts, self.hidden = self.gate.shape
            share = self.experts // PROCESSES
            self.in_weights, self.out_weights = [], []
            for expert in range(self.rank * share, (self.rank + 1) * share):
                w1, w2, w3 = (file.get_tensor(f"{BLOCK}.experts.{expert}.w{i}.weight") for i in (1, 2, 3))
                # Gate and up projection read the same rows: one product of both is faster than two.
                self.in_weights.append(torch.cat([w1, w3]).to(self.dtype))
                self.out_weights.append(w2.to(self.dtype))
        with safetensors.safe_open(arguments.activations, framework="pt") as file:
            self.activations = file.get_tensor("hidden_states").float()

    def batch(self, step):
        """The tokens of this process in a step: steps go through the file again and again."""
        steps = len(self.activations) // (self.tokens * PROCESSES)
        first = (step % steps * PROCESSES + self.rank) * self.tokens
        return self.activations[first : first + self.tokens]

    def route(self, tokens):
        """Experts [token, k] and weights of each token: a softmax over all experts, divided by the sum of the best k,
        which is the softmax over the best k logits."""
        logits, experts = torch.topk(F.linear(tokens, self.gate), self.top_k, dim=1)
        return experts, F.softmax(logits, dim=1)

    def forward(self, tokens):
        """One step: from tokens to the weighted sums of their experts' outputs."""
        experts, weights = self.route(tokens)
        flat = experts.view(-1)
        order = torch.argsort(flat, stable=True)
        counts = torch.bincount(flat, minlength=self.experts)
        dist.all_to_all_single(self.counts_here, counts)
        here = self.counts_here.view(PROCESSES, -1).tolist()
        out_rows = counts.view(PROCESSES, -1).sum(1).tolist()
        in_rows = [sum(part) for part in here]

        rows = tokens if self.dtype == torch.float32 else tokens.to(self.dtype)
        torch.index_select(rows, 0, order.div(self.top_k, rounding_mode="floor"), out=self.sent)
        received, results = self.received[: sum(in_rows)], self.results[: sum(in_rows)]
        exchange(received, self.sent, in_rows, out_rows)
        self._experts(received, results, here)
        exchange(self.returned, results, out_rows, in_rows)

        position = torch.empty_like(order)
        position[order] = torch.arange(len(order))
        copies = self.returned.index_select(0, position).view(self.tokens, self.top_k, self.hidden).float()
        torch.bmm(weights.unsqueeze(1), copies, out=self.output)
        return experts, weights, self.output.squeeze(1)

    def _experts(self, received, results, here):
        """Applies each local expert to its rows, which came sorted by expert from each process."""
        starts = [0, sum(here[0])]
        for index, (in_weight, out_weight) in enumerate(zip(self.in_weights, self.out_weights)):
            sizes = [part[index] for part in here]
            total = sum(sizes)
            if total == 0:
                continue
            parts = [received[start : start + size] for start, size in zip(starts, sizes)]
            rows = torch.cat(parts, out=self.grouped[:total])
            gate, up = F.linear(rows, in_weight).chunk(2, dim=1)
            output = F.linear(F.silu(gate).mul_(up), out_weight)
            for start, part in zip(starts, output.split(sizes)):
                results[start : start + len(part)] = part
            starts = [start + size for start, size in zip(starts, sizes)]


def exchange(received, sent, received_rows, sent_rows):
    """All-to-all of rows. They travel as bytes, because gloo's does not take every dtype."""
    received, sent = received.view(torch.uint8), sent.view(torch.uint8)
    dist.all_to_all_single(received, sent, received_rows, sent_rows)


def run(layer, warmup, steps):
    """Seconds of each measured step, between two barriers."""
    seconds = []
    for step in range(warmup + steps):
        tokens = layer.batch(step)
        dist.barrier()
        start = time.perf_counter()
        layer.forward(tokens)
        dist.barrier()
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds[warmup:]}


def save(layer, path, warmup, steps):
    """Choices, weights and outputs of the measured steps, the tokens of this process only."""
    parts = []
    for step in range(warmup, warmup + steps):
        parts.append([part.clone() for part in layer.forward(layer.batch(step))])
    names = ["topk_index", "topk_weight", "output"]
    safetensors.torch.save_file({name: torch.stack(list(part)) for name, part in zip(names, zip(*parts))}, path)
    return {"saved": path}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--meeting", required=True, help="a file through which the two processes find each other")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--activations", required=True)
    parser.add_argument("--tokens", type=int, required=True, help="tokens of a step, of both processes together")
    parser.add_argument("--top-k", type=int, required=True)
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], required=True)
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo",
        init_method=f"file://{arguments.meeting}",
        rank=arguments.rank,
        world_size=PROCESSES,
        timeout=datetime.timedelta(seconds=60),
    )
    with torch.inference_mode():
        layer = Layer(arguments)
        print(json.dumps({"ready": torch.__version__}), flush=True)
        for line in sys.stdin:
            command, *rest = line.split()
            if command == "run":
                answer = run(layer, int(rest[0]), int(rest[1]))
            else:
                answer = save(layer, rest[0], int(rest[1]), int(rest[2]))
            print(json.dumps(answer), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
