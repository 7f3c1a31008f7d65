"""Writes `docs/benchmarks.md`: in come a page and a section that was measured, out goes the page with it."""

import datetime as dt
import os
import platform
import re
import textwrap
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
import yaml

from benchmarks.handwritten.convolutional import AlexNet
from benchmarks.measure import timed
from benchmarks.section import Section

__all__ = ["Occasion", "load_average", "page", "section_text"]

FINDINGS = Path(__file__).with_name("findings.md")
EVERYWHERE = ("torch", "pydantic", "PyYAML")
WIDTH = 120
_MARKED = re.compile(r"<!-- measured: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)

_INTRODUCTION = """\
# Benchmarks

What the compiler costs, and what its models cost, beside plain PyTorch and beside what people describe models with
otherwise. `make bench` measures anew and writes this page; do not edit it. `python -m benchmarks --only NAME` measures
one section.

**The floor** is what a careful engineer would run instead: the same model written by hand as PyTorch classes
(`benchmarks/handwritten/`), or for whole processes `python -c "import torch"`. The ways of a comparison are measured in
turns within one run, and a ratio is the median of the ratios of its rounds, so that whatever else slows the machine
slows all of them. What is dear runs in fewer rounds, and never in fewer than three. Times are CPU time
(`time.process_time`, for whole processes what the system counted), with the clock on the wall beside it; three numbers
are the least, the median and the most. In the tables of figures the least and the most of the rounds follow in
brackets, and a target is met when the median is. Targets in seconds were set where PyTorch makes AlexNet on meta in 1.4
ms; below each section stands how long that took then."""


class Occasion:
    """When and where a section was measured: made before, told after."""

    def __init__(self) -> None:
        """Look at the machine before it is busy."""
        self.load = load_average()
        self.pace = pace()
        self.start = dt.datetime.now(tz=dt.UTC)

    def text(self, packages: Sequence[str]) -> str:
        """What a reader has to know to believe the numbers.

        Args:
            packages: the distributions whose versions are told besides those that matter everywhere.
        """
        took = dt.datetime.now(tz=dt.UTC) - self.start
        libyaml = "with libyaml" if hasattr(yaml, "CSafeLoader") else "without libyaml"
        text = (
            f"Measured on {self.start.date()} in {took.total_seconds() / 60:.1f} minutes, on {os.cpu_count()} cores of "
            f"{_processor()}, {platform.system()}; load average (1, 5, 15 minutes) {self.load} before and "
            f"{load_average()} after, of which the benchmark makes 1; PyTorch made AlexNet on meta in {self.pace:.1f} "
            f"ms before and {pace():.1f} ms after. CPython {platform.python_version()}, "
            f"{', '.join(map(_versioned, (*EVERYWHERE, *packages)))} ({libyaml})."
        )
        return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def pace() -> float:
    """How many milliseconds of CPU time it takes to make the AlexNet by hand on meta: how fast the machine is now."""

    def made() -> None:
        with torch.device("meta"):
            AlexNet()

    timed(made)  # the first imports what meta kernels need
    return 1e3 * timed(made, calls=100).cpu


def load_average() -> str:
    """Of the last 1, 5 and 15 minutes."""
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def section_text(section: Section, occasion: Occasion) -> str:
    """A section as it stands on the page."""
    return "\n".join((*section.lines(), occasion.text(section.packages))) + "\n"


def page(old: str, names: Sequence[str], measured: Mapping[str, str]) -> str:
    """The whole page.

    Args:
        old: the page so far, whose sections stay unless they were measured.
        names: of all sections, in their order.
        measured: the texts of sections, by name.
    """
    texts: dict[str, str] = dict(_MARKED.findall(old)) | dict(measured)
    parts = [f"<!-- measured: {name} -->\n{texts[name]}<!-- end -->" for name in names if name in texts]
    return "\n\n".join([_INTRODUCTION, *parts, FINDINGS.read_text(encoding="utf-8").strip()]) + "\n"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versioned(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} (not installed)"
