"""The works that are compared."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Work:
    """One layer of SwiGLU experts and the tokens of a step. ffn 0 stands for experts that return their input."""

    name: str
    hidden: int
    ffn: int
    experts: int
    top_k: int
    tokens: int
    workers: int = 2

    @property
    def is_wire_only(self):
        return self.ffn == 0

    def flops(self):
        """Operations of a step: a multiplication and an addition per weight and routed copy."""
        return self.tokens * self.top_k * 6 * self.hidden * self.ffn


def _all():
    yield Work("decode", 1024, 3584, 8, 2, 64)
    yield Work("middle", 1024, 3584, 8, 2, 512)
    yield Work("prefill", 1024, 3584, 8, 2, 2048)
    for tokens in (64, 512, 2048):
        yield Work(f"fine-grained-{tokens}", 1024, 512, 64, 8, tokens)
    for hidden in (1024, 7168):
        for workers in (2, 4):
            for tokens in (64, 512, 4096):
                yield Work(f"wire-{hidden}-{tokens}-{workers}w", hidden, 0, 64, 8, tokens, workers)


WORKS = {work.name: work for work in _all()}
# Seconds: to see that the benchmark runs, not how fast anything is.
SMALLEST = (Work("smallest", 64, 96, 8, 2, 64), Work("smallest-wire", 64, 0, 8, 2, 64))
DTYPES = ("bf16", "f32")


def chosen(names):
    """Works by name or by the beginning of a name; all without names."""
    if not names:
        return list(WORKS.values())
    found = [work for work in WORKS.values() if any(work.name.startswith(name) for name in names)]
    unknown = [name for name in names if not any(work.startswith(name) for work in WORKS)]
    if unknown:
        raise ValueError(f"no work begins with {', '.join(unknown)}; there are: {', '.join(WORKS)}")
    return found
