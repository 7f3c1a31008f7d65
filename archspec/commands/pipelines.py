"""Preprocessing in a few words: in comes a pipeline, out go the lines that `build` prints."""

import math
from collections.abc import Iterable
from typing import cast

from archspec.catalog.transforms import HELD, TRANSFORMS
from archspec.diagnostic import quote
from archspec.graph.graph import Transform

__all__ = ["describe_pipeline"]

_INDENT = "  "
_LONGEST_LIST = 2


def describe_pipeline(name: str, transforms: Iterable[Transform], width: int | None) -> str:
    """A pipeline, such as `eval: Resize(256), CenterCrop(224), ToImage`, in lines of at most `width`.

    A transform stays on one line; of one that has no room there only the name is told.
    """
    room = math.inf if width is None else width
    described = [_transform(transform, room - len(f"{_INDENT},")) for transform in transforms] or ["nothing"]
    lines = [f"{name}:"]
    for part in (*(f"{item}," for item in described[:-1]), described[-1]):
        line = f"{lines[-1]} {part}"
        if len(line) <= room:
            lines[-1] = line
        else:
            lines.append(f"{_INDENT}{part}")
    return "\n".join(lines)


def _transform(transform: Transform, room: float = math.inf) -> str:
    """Its name and arguments, but for long lists: one `…` stands for them all."""
    positions = [*TRANSFORMS[transform.type].arguments]
    shown = [_argument(name, value, named=name != positions[0]) for name, value in transform.arguments]
    text = f"{transform.type}({', '.join(dict.fromkeys(shown))})" if shown else transform.type
    return text if len(text) <= room else f"{transform.type}(…)"


def _argument(name: str, value: object, *, named: bool) -> str:
    if name == HELD:
        return ", ".join(_transform(item) for item in cast("tuple[Transform, ...]", value))
    if isinstance(value, tuple) and len(value) > _LONGEST_LIST:
        return "…"
    text = quote(value).strip("`")
    return f"{name}={text}" if named else text
