"""What OpenBLAS and BLIS are told, so that they use what oneDNN may."""

import os

# An environment may name a kernel that is not the processor's, and DNNL_MAX_CPU_ISA holds oneDNN alone down.
_CORES = {"AVX2": ("Haswell", "haswell"), "AVX512_CORE": ("SkylakeX", "skx")}


def environment(variables=None):
    """Variables for a program that tries all libraries, on one thread."""
    variables = os.environ if variables is None else variables
    openblas, blis = _CORES.get(variables.get("DNNL_MAX_CPU_ISA", ""), ("", ""))
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": openblas, "BLIS_ARCH_TYPE": blis}
