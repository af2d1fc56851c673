"""What OpenBLAS and BLIS are told, so that they use what oneDNN may."""

import os

# An environment may name a kernel that is not the processor's, and DNNL_MAX_CPU_ISA holds oneDNN alone down.
# BLIS 0.9 takes the number of an architecture.
_CORES = {"AVX2": ("Haswell", "3"), "AVX512_CORE": ("SkylakeX", "0")}


def environment(variables=None):
    """Variables for a program that tries all libraries, on one thread; None for those that it must not have."""
    variables = os.environ if variables is None else variables
    openblas, blis = _CORES.get(variables.get("DNNL_MAX_CPU_ISA", ""), (None, None))
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": openblas, "BLIS_ARCH_TYPE": blis}
