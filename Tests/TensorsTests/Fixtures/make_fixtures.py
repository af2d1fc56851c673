"""Writes the fixtures beside this file; every value is stated in README.md."""

import os
import pathlib

import numpy as np
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent
os.chdir(here)

grid = np.arange(12).reshape(3, 4)
for code in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1"]:
    array = (grid - 5).astype(code) if code[0] != "u" else (grid + 5).astype(code)
    if code[0] == "f":
        array = array / array.dtype.type(4)
    np.save(f"{code}.npy", array)

np.lib.format.write_array(open("version2.npy", "wb"), grid.astype("f4"), version=(2, 0))
np.lib.format.write_array(open("version3.npy", "wb"), grid.astype("f4"), version=(3, 0))
np.save("scalar.npy", np.float32(2.5))
np.save("vector.npy", np.arange(5, dtype="i4"))
np.save("empty.npy", np.zeros((0, 4), dtype="f4"))
np.save("bool.npy", np.array([True, False]))

np.save("fortran.npy", np.asfortranarray(grid.astype("f4")))
np.save("bigendian.npy", grid.astype(">f4"))
np.save("object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
np.save("structured.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.save("complex.npy", np.zeros(2, dtype="c8"))

# One tensor of each kind, empty and zero-dimensional ones among them.
save_file(
    {
        "bytes": np.arange(3, dtype="u1"),
        "half": np.array([[0.5, -2.0], [65504.0, 2.0**-24]], dtype="f2"),
        "single": (grid - 5).astype("f4") / np.float32(4),
        "double": np.array([1.0 / 3.0, -1e300, 1e-300], dtype="f8"),
        "long": np.array([-(2**63), 2**63 - 1], dtype="i8"),
        "word": np.array([[-32768], [32767]], dtype="i2"),
        "none": np.zeros((0, 7), dtype="f4"),
        "number": np.array(7, dtype="i4"),
    },
    "mixed.safetensors",
    metadata={"made by": "numpy"},
)

choices = np.arange(24, dtype="i2").reshape(3, 2, 4)
named = {"ids": choices, "weights": choices.astype("f4") / np.float32(16)}
np.savez("stored.npz", **named)
np.savez_compressed("deflated.npz", **named)
