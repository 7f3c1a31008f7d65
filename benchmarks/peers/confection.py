"""confection: a section for each layer, whose `@modules` names a registered function, and dots that nest them."""

import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import confection
from torch import nn

from benchmarks.peers import wiring
from benchmarks.peers.parts import Parts
from benchmarks.peers.peer import Peer
from benchmarks.peers.trees import tree

__all__ = ["PEER", "load", "write"]

_LAYERS = (
    *("Conv2d", "ReLU", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "Flatten", "Dropout", "Linear", "BatchNorm2d"),
    *("LayerNorm", "GELU", "Identity"),
)
_OURS = ("Add", "Concat", "Tokens", "SelfAttention", "First")


def _sequential(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(*layers)


def _function(kind: type[nn.Module]) -> Callable[..., nn.Module]:
    """A function to register, whose arguments have no types: the checks read some of torch's hints wrongly."""

    def make(**arguments: Any) -> nn.Module:
        return kind(**arguments)

    signature = inspect.signature(kind)
    named = [item for item in signature.parameters.values() if item.kind == item.POSITIONAL_OR_KEYWORD]
    untyped = [item.replace(annotation=item.empty) for item in named]
    make.__signature__ = signature.replace(parameters=untyped)  # type: ignore[attr-defined] # functions may have one
    return make


class Registry(confection.registry):  # type: ignore[misc] # no types are told of it
    """The registry of a project, with one namespace."""

    modules: ClassVar[dict[str, Callable[..., nn.Module]]] = {
        "Sequential": _sequential,
        **{name: _function(getattr(nn, name)) for name in _LAYERS},
        **{name: _function(getattr(wiring, name)) for name in _OURS},
    }


def write(_: str, parts: Parts) -> str:
    """A file of sections."""
    root = tree(parts, lambda kind, arguments: {"@modules": kind, **arguments}, _chain)
    return "\n".join(_sections("model", root))


def _chain(layers: list[Any]) -> dict[str, Any]:
    return {"@modules": "Sequential", "*": {str(index): layer for index, layer in enumerate(layers)}}


def _sections(name: str, section: dict[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    yield from (f"{key} = {json.dumps(value)}" for key, value in section.items() if not isinstance(value, dict))
    yield ""
    for key, value in section.items():
        if key == "*":
            for index, layer in value.items():
                yield from _sections(f"{name}.*.{index}", layer)
        elif isinstance(value, dict):
            yield from _sections(f"{name}.{key}", value)


def load(text: str) -> nn.Module:
    """Read the text and call what it names."""
    module: nn.Module = Registry.resolve(confection.Config().from_str(text))["model"]
    return module


PEER = Peer(write=write, load=load, suffix=".cfg")
