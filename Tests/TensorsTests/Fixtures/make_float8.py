"""Writes float8_e4m3.txt: the value of every E4M3 code, one per line, as ml_dtypes 0.6.0 sees it."""

import pathlib

import ml_dtypes
import numpy as np

values = np.arange(256, dtype=np.uint8).view(ml_dtypes.float8_e4m3fn).astype(np.float64)
path = pathlib.Path(__file__).with_name("float8_e4m3.txt")
path.write_text("".join(f"{value!r}\n" for value in values.tolist()))
