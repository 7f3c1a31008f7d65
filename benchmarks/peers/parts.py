"""A model as a list of parts: what every peer's file is written from, so that all of them say the same layers."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

__all__ = ["Add", "Concat", "Layer", "Part", "Parts", "classes_of_ours", "layer", "positional"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its class, in `torch.nn` or in `benchmarks.peers.wiring`, and its arguments."""

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Add:
    """The sum of what two branches make of the input; an empty shortcut is the input itself."""

    branch: "Parts"
    shortcut: "Parts" = ()


@dataclass(frozen=True, slots=True)
class Concat:
    """The input and what a branch makes of it, one behind the other along the channels."""

    branch: "Parts"


Part = Layer | Add | Concat
Parts = Sequence[Part]


def layer(kind: str, **arguments: Any) -> Layer:
    """A layer, written as the call that makes it."""
    return Layer(kind, arguments)


def positional(part: Layer) -> list[Any]:
    """The arguments of a layer of `torch.nn` in their order, the last that is given, and defaults before it."""
    parameters = inspect.signature(getattr(nn, part.kind)).parameters
    last = max((index for index, name in enumerate(parameters) if name in part.arguments), default=-1)
    return [part.arguments.get(name, item.default) for name, item in [*parameters.items()][: last + 1]]


def classes_of_ours(parts: Parts) -> set[str]:
    """The kinds of a model's parts that `torch.nn` has no class for."""
    return {part.kind if isinstance(part, Layer) else type(part).__name__ for part in _walk(parts)} - {*dir(nn)}


def _walk(parts: Parts) -> Iterator[Part]:
    for part in parts:
        yield part
        if not isinstance(part, Layer):
            yield from _walk(part.branch)
        if isinstance(part, Add):
            yield from _walk(part.shortcut)
