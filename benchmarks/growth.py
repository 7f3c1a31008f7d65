"""Growth: in come lengths of a chain of layers, and of residual blocks; out go the time and memory of each module."""

import gc
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from torch import nn

from archspec.catalog.registry import default_registry
from archspec.compiler import Compilation
from archspec.elaborate.elaborate import elaborate
from archspec.emit.module import emit_module
from archspec.errors import Collector
from archspec.limits import Limits
from archspec.source import Source
from archspec.spec.load import load
from archspec.syntax.parse import parse
from benchmarks.handwritten.chains import chain, residuals
from benchmarks.measure import Effort, Sample, Times, run_python, timed
from benchmarks.section import KIB, Figure, Section, Table, size

__all__ = ["FAMILIES", "Family", "compilation", "make", "measure", "peak_memory"]

STAGES = ("parse", "validate", "elaborate", "emit")
WHOLE, BY_HAND, MODEL = "whole", "by hand", "the model alone"
MEMORY = (WHOLE, MODEL, BY_HAND)
LENGTHS = (100, 1_000, 10_000, 50_000)
EXPONENT, SECONDS, MEMORY_KIB = 1.05, 10.0, 2.0  # the targets
UNLIMITED = Limits(**{name: getattr(Limits(), name) << 20 for name in Limits.names() if "depth" not in name})

TEXT = """\
From text to a module on meta, the limits raised: microseconds of CPU time for each module (the pair of layers is two,
the residual block three), and behind it the exponent between this length and the one before (1: each module takes the
same, however many there are). The stages run without the cyclic collector, as the compiler runs them; `whole` and `by
hand` are what a caller sees. Memory is the peak above what the process held before, for each module, in a process of
its own. `The model alone` is a second one of the same graph, and `our own` what the whole takes besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A model that can be of any length.

    Attributes:
        title: what is there `n` times.
        head: what stands before the lines that are repeated.
        lines: of one of the `n`.
        by_hand: makes one of a length, on meta.
        modules: how many modules one of the `n` is.
    """

    title: str
    head: str
    lines: str
    by_hand: Callable[[int], nn.Module]
    modules: int

    def source(self, n: int) -> Source:
        """The text of one of length `n`."""
        return Source.of_text(self.head + self.lines * n)


_BLOCK = """\
archspec: 1
input: [N, 8]
blocks:
  Residual:
    model:
      linear: {Linear: {out_features: 8}}
      relu: ReLU
      sum: {add: , from: [relu, input]}
model:
"""
FAMILIES: Mapping[str, Family] = {
    "chain": Family(
        title="n × (Linear, ReLU)",
        head="archspec: 1\ninput: [N, 8]\nmodel:\n",
        lines="  - Linear: {out_features: 8}\n  - ReLU\n",
        by_hand=chain,
        modules=2,
    ),
    "residuals": Family(title="n residual blocks", head=_BLOCK, lines="  - Residual\n", by_hand=residuals, modules=3),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Length:
    """What a model of a length takes: the times of each stage, and bytes of peak memory, by way."""

    modules: int
    n: int
    times: Mapping[str, Times]
    memory: Mapping[str, int]

    def micros(self, stage: str) -> float:
        """Microseconds of CPU time for each module."""
        return self.times[stage].median() / self.modules * 1e6


def measure(effort: Effort, lengths: Sequence[int] = LENGTHS) -> Section:
    """Every stage at every length of each family."""
    measured = {name: [_length(name, n, effort) for n in lengths] for name in FAMILIES}
    return Section(
        title="Growth",
        text=TEXT,
        figures=[figure for name, found in measured.items() for figure in _figures(FAMILIES[name], found)],
        tables=[_table(FAMILIES[name], found) for name, found in measured.items()],
    )


def _length(name: str, n: int, effort: Effort) -> _Length:
    family = FAMILIES[name]
    source = family.source(n)
    _round(family, family.source(10), 10)  # warms up
    taken = [_round(family, source, n)]
    rounds = effort.rounds(sum(sample.cpu for sample in taken[0].values()))
    taken += [_round(family, source, n) for _ in range(rounds - 1)]
    times = {stage: Times({number: samples[stage] for number, samples in enumerate(taken)}) for stage in taken[0]}
    memory = {way: int(run_python(_MEMORY, name, str(n), way)) for way in MEMORY}
    return _Length(n=n, modules=n * family.modules, times=times, memory=memory)


def _round(family: Family, source: Source, n: int) -> dict[str, Sample]:
    """What each stage takes, and the whole and the hand-written way with whatever the collector does."""
    samples = _stages(source)
    samples[WHOLE] = timed(lambda: make(source))
    samples[BY_HAND] = timed(lambda: family.by_hand(n))
    return samples


def make(source: Source) -> nn.Module:
    """The module of a text of any length, on meta."""
    return compilation(source).build(device="meta")


def compilation(source: Source) -> Compilation:
    """A text of any length, to be compiled."""
    return Compilation(source, limits=UNLIMITED)


def _stages(source: Source) -> dict[str, Sample]:
    """What each stage takes alone."""
    registry, collector = default_registry(), Collector()
    common: dict[str, Any] = {"registry": registry, "limits": UNLIMITED}
    samples: dict[str, Sample] = {}

    def take(stage: str, run: Callable[[], Any]) -> Any:
        made = []
        with _collector_off():
            samples[stage] = timed(lambda: made.append(run()))
        return made[0]

    tree = take("parse", lambda: parse(source, UNLIMITED))
    spec = take("validate", lambda: load(source, tree=tree, collector=collector, **common))
    graph = take("elaborate", lambda: elaborate(spec, {}, sizes={}, shapes={}, collector=collector, **common))
    module = take("emit", lambda: emit_module(graph, device="meta", **common))
    assert isinstance(module, nn.Sequential)
    return samples


@contextmanager
def _collector_off() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def peak_memory(name: str, n: int, way: str) -> int:
    """Bytes that a way takes at most besides what this process, which does nothing else, held before."""
    family = FAMILIES[name]
    make(family.source(10))
    family.by_hand(10)
    kept: list[object] = []
    ways: dict[str, Callable[[], nn.Module]] = {
        WHOLE: lambda: make(family.source(n)),
        BY_HAND: lambda: family.by_hand(n),
    }
    if way == MODEL:
        compiled = compilation(family.source(n))
        ways[MODEL] = lambda: compiled.build(device="meta")
        kept.append(ways[MODEL]())  # it fills what the stages left free, so that the second is all new memory
    before = _forget_peak()
    kept.append(ways[way]())
    return _peak() - before


def _forget_peak() -> int:
    """Set the peak back to what is in use, which is returned; `getrusage` would give one that a process inherits."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _peak()


def _peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) * KIB


_MEMORY = """
import sys
from benchmarks.growth import peak_memory
print(peak_memory(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
"""


def _exponent(smaller: _Length, larger: _Length, stage: str) -> float:
    """How the time of a stage grows between two lengths: 1 when each module takes the same."""
    times = larger.times[stage].median() / smaller.times[stage].median()
    return math.log(times) / math.log(larger.n / smaller.n)


def _figures(family: Family, found: Sequence[_Length]) -> list[Figure]:
    """The growth from the middle on, where what a build takes once no longer hides it, and the longest."""
    first, last = found[(len(found) - 1) // 2], found[-1]
    grown = _exponent(first, last, WHOLE)
    what = f"{family.title}, n = {last.n:,}"
    return [
        Figure(what=f"{family.title}: exponent, {first.n:,} to {last.n:,}", values=[grown], unit="", target=EXPONENT),
        Figure(what=what, values=last.times[WHOLE].of("cpu"), unit="s", target=SECONDS),
        Figure(what=f"{what}: our own memory a module", values=[_own(last) / KIB], unit="KiB", target=MEMORY_KIB),
    ]


def _own(length: _Length) -> float:
    """Bytes a module that the compiler takes besides the model."""
    return (length.memory[WHOLE] - length.memory[MODEL]) / length.modules


def _table(family: Family, found: Sequence[_Length]) -> Table:
    head = ("n", *STAGES, WHOLE, BY_HAND, *(f"memory, {way}" for way in MEMORY), "our own", "rounds")
    rows = [_row(smaller, length) for smaller, length in pairwise((None, *found)) if length is not None]
    return Table(head=head, rows=rows, before=f"{family.title}:")


def _row(smaller: _Length | None, length: _Length) -> list[str]:
    stages = []
    for stage in (*STAGES, WHOLE, BY_HAND):
        grown = "" if smaller is None else f" ({_exponent(smaller, length, stage):.2f})"
        stages.append(f"{length.micros(stage):.1f}{grown}")
    memory = [size(length.memory[way] / length.modules) for way in MEMORY]
    rounds = len(length.times[WHOLE].rounds)
    return [f"{length.n:,}", *stages, *memory, size(_own(length)), str(rounds)]
