"""How long after an edit of ResNet-152's file its diagnostics are there, in a process that has checked it before."""

from collections.abc import Callable, Mapping
from itertools import count

import torch
from torchvision.models import resnet152

import archspec
from benchmarks.measure import ROOT, Comparison, Effort, compare
from benchmarks.section import Figure, Section, comparison_table

__all__ = ["measure"]

PRESET, TARGET_MS = "resnet152", 50.0
FLOOR = "torchvision's constructor, on meta"
# What each edit replaces, and by what; `{}` is another number each time, so that no text is met twice.
EDITS: Mapping[str, tuple[str, str]] = {
    "a comment": ("name: ResNet\n", "name: ResNet  # {}\n"),
    "one layer: other classes": ("  num_classes: 1000\n", "  num_classes: {}\n"),
    "every block: another width": ("  width_per_group: 64\n", "  width_per_group: {}\n"),
    "an error: no such layer": ("      bn3: BatchNorm2d\n", "      bn3: BatchNorm{}d\n"),
    "an error: shapes that do not fit": ("out_channels: $(planes * 4), k", "out_channels: $(planes * 4 + {}), k"),
}

TEXT = """\
`archspec.check` of the text with one line changed, and changed otherwise each time, with the preset `resnet152`: every
error and warning, those of the linter and those that take other sizes to find. What ran before in the process is
remembered. torchvision's constructor, which proves no shape, is there to tell how fast the machine is."""


def measure(effort: Effort) -> Section:
    """Every edit, in turns."""
    text = (ROOT / "architectures" / "resnet.yaml").read_text(encoding="utf-8")
    runs: dict[str, Callable[[], object]] = {name: _edit(text, *edit) for name, edit in EDITS.items()}
    ways = compare(runs | {FLOOR: _constructor}, FLOOR, effort.times(4))
    comparison = Comparison(title="ResNet-152", floor=FLOOR, ways=ways)
    figures = [
        Figure(what=name, values=[seconds * 1e3 for seconds in ways[name].of("cpu")], unit="ms", target=TARGET_MS)
        for name in EDITS
    ]
    tables = [comparison_table([comparison])]
    return Section(title="After an edit", text=TEXT, figures=figures, tables=tables, packages=("torchvision",))


def _edit(text: str, old: str, new: str) -> Callable[[], object]:
    before, found, after = text.partition(old)
    assert found, f"the file has no {old!r}"
    numbers = count(65)
    return lambda: archspec.check(f"{before}{new.format(next(numbers))}{after}", preset=PRESET)


def _constructor() -> object:
    with torch.device("meta"):
        return resnet152()
