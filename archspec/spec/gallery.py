"""The gallery: out goes how large each shipped architecture is, as measured when this version was made.

To measure all of them takes a minute; `docs/generate.py` does it, and writes the file that is read here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from archspec.spec.shipped import shipped_folder

__all__ = ["Figures", "gallery", "gallery_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How large a model is.

    Attributes:
        parameters: elements of its parameters, tied ones counted once.
        macs: the multiply-accumulates of one forward in evaluation, a batch of one.
        inputs: the shapes of the inputs of that forward, by name.
    """

    parameters: int
    macs: int
    inputs: Mapping[str, tuple[int, ...]]


def gallery_file() -> Path:
    """Where the figures are kept: beside the specs, with which they ship."""
    return shipped_folder() / "gallery.json"


@cache
def gallery() -> Mapping[str, Figures]:
    """The figures of every name that was measured. What is not here ships all the same."""
    path = gallery_file()
    entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return MappingProxyType({name: _figures(**entry) for name, entry in entries.items()})


def _figures(parameters: int, macs: int, inputs: dict[str, list[int]]) -> Figures:
    return Figures(parameters=parameters, macs=macs, inputs={name: tuple(shape) for name, shape in inputs.items()})
