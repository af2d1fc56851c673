"""Make the .pt files of this folder: python make_torch.py, with PyTorch (2.15.0 made those that stand here)."""

import collections
import os

import torch

counts = torch.tensor([[[5, 1, 2, 3], [1, 1, 1, 1]], [[3, 3, 2, 1], [4, 0, 0, 0]]], dtype=torch.int32)
# As SGLang's expert distribution recorder dumps its statistics.
torch.save({"rank": 0, "logical_count": counts, "average_utilization_rate_over_window": None}, "recorder.pt")
# As it dumps single passes: physical slots, and the map after the last pass.
torch.save(
    {
        "records": [
            {"forward_pass_id": p, "rank": 0, "gatherer_key": "primary",
             "global_physical_count": torch.tensor([[2, 1, 2, 3, 1, 2], [1, 1, 1, 1, 1, 1]]) + p}
            for p in range(3)
        ],
        "last_physical_to_logical_map": torch.tensor([[0, 1, 2, 3, 0, 1], [0, 2, 0, 1, 0, 3]]),
    },
    "passes.pt",
)
base = torch.arange(12, dtype=torch.float64)
torch.save(
    collections.OrderedDict(
        transposed=base.reshape(3, 4).t(), part=base[5:9], every_other=base[::2], alone=torch.tensor(7, dtype=torch.uint8),
        nested=[(torch.ones(2, dtype=torch.bfloat16), torch.tensor([True, False]))], empty=torch.zeros(0, 3),
    ),
    "views.pt",
)
torch.save(torch.tensor([1.5, -2.0], dtype=torch.float16), "alone.pt", pickle_protocol=4)
torch.save({"logical_count": torch.ones(1, 4).expand(1000000, 4)}, "expanded.pt")


class Calls:
    def __reduce__(self):
        return os.system, ("false",)


torch.save({"logical_count": counts, "more": Calls()}, "calls.pt")
torch.save({"logical_count": torch.nn.Parameter(torch.ones(2, 4))}, "parameter.pt")
torch.save({"logical_count": counts, "set": {1, 2}}, "set.pt")
torch.save({"logical_count": counts}, "old.pt", _use_new_zipfile_serialization=False)
