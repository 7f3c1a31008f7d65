"""Growth: in come lengths of a chain of layers, out go the time of each stage and the memory, layer by layer."""

import gc
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
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
from benchmarks.handwritten import chain
from benchmarks.measure import run_python

__all__ = ["STAGES", "Length", "exponent", "measure_chain"]

STAGES = ("parse", "validate", "elaborate", "emit", "whole", "by hand")
LAYERS_EACH = 2
_ENDLESS = 1 << 40
UNLIMITED = Limits(
    file_bytes=_ENDLESS,
    total_bytes=_ENDLESS,
    yaml_nodes=_ENDLESS,
    nodes_after_aliases=_ENDLESS,
    expansion_steps=_ENDLESS,
    modules=_ENDLESS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """What a chain of `n` × (Linear, ReLU) takes.

    Attributes:
        n: how many pairs of layers.
        micros: microseconds of CPU time a layer, by stage.
        memory: bytes of peak memory a layer, ours and by hand.
    """

    n: int
    micros: dict[str, float]
    memory: dict[str, float]


def exponent(smaller: Length, larger: Length, stage: str) -> float:
    """How the time of a stage grows between two lengths: 1 when each layer takes the same."""
    times = larger.micros[stage] * larger.n / (smaller.micros[stage] * smaller.n)
    return math.log(times) / math.log(larger.n / smaller.n)


def measure_chain(n: int, rounds: int) -> Length:
    """Time every stage of a chain of `n` pairs, and its memory in fresh processes."""
    _stages(_source(10))
    source = _source(n)
    taken = [_stages(source) | _whole(source, n) for _ in range(rounds)]
    micros = {stage: median(times[stage] for times in taken) / (n * LAYERS_EACH) * 1e6 for stage in STAGES}
    memory = {way: json.loads(run_python(_MEMORY, way, str(n))) / (n * LAYERS_EACH) for way in ("archspec", "by hand")}
    return Length(n=n, micros=micros, memory=memory)


def _source(n: int) -> Source:
    return Source.of_text("archspec: 1\ninput: [N, 8]\nmodel:\n" + "  - Linear: {out_features: 8}\n  - ReLU\n" * n)


def _stages(source: Source) -> dict[str, float]:
    """The CPU seconds of each stage alone, as the compiler runs them: without the cyclic collector."""
    registry, collector = default_registry(), Collector()
    common: dict[str, Any] = {"registry": registry, "limits": UNLIMITED}
    times: dict[str, float] = {}

    def take(stage: str, run: Callable[[], Any]) -> Any:
        gc.collect()
        gc.disable()
        start = time.process_time()
        made = run()
        times[stage] = time.process_time() - start
        gc.enable()
        return made

    tree = take("parse", lambda: parse(source, UNLIMITED))
    spec = take("validate", lambda: load(source, tree=tree, collector=collector, **common))
    graph = take("elaborate", lambda: elaborate(spec, {}, sizes={}, shapes={}, collector=collector, **common))
    module = take("emit", lambda: emit_module(graph, device="meta", **common))
    assert isinstance(module, nn.Sequential)
    return times


def _whole(source: Source, n: int) -> dict[str, float]:
    """The whole way and the hand-written one as a caller sees them, with whatever the collector does."""
    ways: dict[str, Callable[[], object]] = {
        "whole": lambda: Compilation(source, limits=UNLIMITED).build(device="meta"),
        "by hand": lambda: chain(n),
    }
    times: dict[str, float] = {}
    for stage, run in ways.items():
        gc.collect()
        start = time.process_time()
        run()
        times[stage] = time.process_time() - start
    return times


# The peak is that of the program alone: `5` sets it back to what is in use (Linux), and `getrusage` would give a peak
# that the process inherits from its parent.
_MEMORY = """
import re, sys
from pathlib import Path
from benchmarks.handwritten import chain
from benchmarks.scaling import UNLIMITED, Compilation, _source
def ours(n): return Compilation(_source(n), limits=UNLIMITED).build(device="meta")
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
make = ours if sys.argv[1] == "archspec" else chain
make(10)
Path("/proc/self/clear_refs").write_text("5")
before = peak()
made = make(int(sys.argv[2]))
print(peak() - before)
"""
