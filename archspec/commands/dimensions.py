"""Dimensions in words: in come an input and what of it cannot vary, out goes the line that `build` prints."""

from typing import TYPE_CHECKING

from archspec.commands.amounts import listed
from archspec.diagnostic import Diagnostic
from archspec.graph.types import describe

if TYPE_CHECKING:
    from archspec.graph.graph import Input

__all__ = ["describe_input"]


def describe_input(item: "Input", fixed: dict[str, Diagnostic]) -> str:
    """An input in words, such as `x 2×10×8 (N may vary, H is fixed by view, lenet.yaml:7)`."""
    names = [name for name in dict.fromkeys(item.dims) if name is not None]
    varying = [name for name in names if name not in fixed]
    parts = [f"{listed(varying)} may vary"] if varying else []
    parts += [f"{name} is fixed{_by(fixed[name])}" for name in names if name in fixed]
    dimensions = f" ({', '.join(parts)})" if parts else ""
    return f"{item.name} {describe(item.type)}{dimensions}"


def _by(cause: Diagnostic) -> str:
    places = [cause.path, "" if cause.span is None else f"{cause.span.source.name}:{cause.span.line}"]
    named = ", ".join(place for place in places if place)
    return f" by {named}" if named else ""
