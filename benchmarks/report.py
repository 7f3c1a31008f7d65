"""Writes `docs/benchmarks.md`: in come the measurements, out goes the page."""

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median

import yaml

from benchmarks.measure import Comparison, Times
from benchmarks.peers.compare import Column
from benchmarks.peers.table import peer_tables
from benchmarks.scaling import STAGES, Length, exponent

__all__ = ["page"]

HELP_TARGET_S = 0.25
_UNITS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))
FINDINGS = Path(__file__).with_name("findings.md")

_INTRODUCTION = """\
# Benchmarks

What the compiler costs, and what its models cost, beside plain PyTorch. `make bench` measures anew and writes this
page; do not edit it.

**The floor** is what a careful engineer would run instead: the same model written by hand as PyTorch classes
(`benchmarks/handwritten.py`), torchvision's own constructor, or for whole processes `python -c "import torch"`. The
ways are measured in turns within one run, and a ratio is the median of the ratios of its rounds, so that whatever else
slows the machine slows both. Times are CPU time (`time.process_time`, for whole processes what the system counted),
with the clock on the wall beside it; each is written `minimum / median / maximum`."""


def page(
    comparisons: Sequence[Comparison],
    columns: Sequence[Column],
    help_times: Times,
    lengths: Sequence[Length],
    load: tuple[str, str],
) -> str:
    """The whole page.

    Args:
        comparisons: each a section of the first table.
        columns: the peers, a model and device each.
        help_times: of `archspec --help`.
        lengths: the chain of layers, from short to long.
        load: the load average before and after.
    """
    parts = [
        _INTRODUCTION,
        "\n".join(_machine(load)),
        "## Ratios",
        "\n".join(_ratios(comparisons)),
        "\n".join(_notes(comparisons)),
        _help(help_times),
        "## Beside its peers",
        peer_tables(columns),
        "## Growth",
        "\n".join(_growth(lengths)),
        FINDINGS.read_text(encoding="utf-8").strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(load: tuple[str, str]) -> Iterator[str]:
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchvision", "pydantic", "PyYAML"))
    libyaml = "with libyaml" if hasattr(yaml, "CSafeLoader") else "without libyaml"
    yield f"**Machine**: {os.cpu_count()} cores of {_processor()}, {platform.system()}.  "
    yield f"**Versions**: CPython {platform.python_version()}, {packages} ({libyaml}).  "
    yield f"**Load average** (1, 5, 15 minutes): {load[0]} at the start, {load[1]} at the end; the benchmark makes 1."


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _ratios(comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield "| what | way | CPU time | wall time | × floor (CPU) | × floor (wall) | target |"
    yield "|---|---|---|---|---|---|---|"
    for comparison in comparisons:
        for index, (name, times) in enumerate(comparison.ways.items()):
            title = comparison.title if index == 0 else ""
            is_floor = name == comparison.floor
            ratios = ["floor", "floor"] if is_floor else [f"{comparison.ratio(name, c):.2f}" for c in ("cpu", "wall")]
            target = f"≤ {comparison.target:.2f}" if name.startswith("archspec") else ""
            cells = [title, name, _spread(times.cpu), _spread(times.wall), *ratios, target]
            yield f"| {' | '.join(cells)} |"


def _notes(comparisons: Sequence[Comparison]) -> Iterator[str]:
    for comparison in comparisons:
        rounds = len(comparison.ways[comparison.floor].cpu)
        yield f"- {comparison.title}: {comparison.note}; {rounds} rounds"


def _help(times: Times) -> str:
    return (
        f"`archspec --help`: {_spread(times.wall)} on the wall, {_spread(times.cpu)} of CPU time "
        f"(target: {HELP_TARGET_S} s)."
    )


def _spread(seconds: Sequence[float]) -> str:
    unit, factor = next(item for item in _UNITS if median(seconds) * item[1] >= 1)
    scaled = [value * factor for value in (min(seconds), median(seconds), max(seconds))]
    shown = " / ".join(f"{value:.0f}" if value >= 100 else f"{value:.3g}" for value in scaled)
    return f"{shown} {unit}"


def _growth(lengths: Sequence[Length]) -> Iterator[str]:
    yield "A chain of n × (Linear, ReLU) from text to a module on meta, its limits raised: microseconds of CPU time"
    yield "a layer, and between lengths the exponent (1: each layer takes the same, however many there are). The stages"
    yield "run without the cyclic collector, as the compiler runs them; `whole` and `by hand` are what a caller sees."
    yield ""
    yield f"| n | {' | '.join(STAGES)} | peak memory a layer | by hand |"
    yield f"|---|{'---|' * len(STAGES)}---|---|"
    for smaller, length in pairwise((None, *lengths)):
        assert length is not None
        cells = [_stage(smaller, length, stage) for stage in STAGES]
        memory = [f"{length.memory[way] / 1024:.1f} KiB" for way in ("archspec", "by hand")]
        yield f"| {length.n:,} | {' | '.join([*cells, *memory])} |"


def _stage(smaller: Length | None, length: Length, stage: str) -> str:
    micros = f"{length.micros[stage]:.1f}"
    return micros if smaller is None else f"{micros} ({exponent(smaller, length, stage):.2f})"
