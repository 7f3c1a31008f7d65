"""Files that are a tree of constructors: in come parts and how a peer writes a call, out goes plain data."""

import json
from collections.abc import Callable
from typing import Any

from benchmarks.peers.parts import Add, Concat, Layer, Part, Parts

__all__ = ["dump", "tree"]

Call = Callable[[str, dict[str, Any]], dict[str, Any]]
Chain = Callable[[list[Any]], Any]


def tree(parts: Parts, call: Call, chain: Chain) -> Any:
    """The tree of a model.

    Args:
        parts: the model.
        call: writes the class that is called, and its arguments.
        chain: writes layers that run one after another.
    """
    return chain([_part(part, call, chain) for part in parts])


def _part(part: Part, call: Call, chain: Chain) -> Any:
    if isinstance(part, Layer):
        return call(part.kind, part.arguments)
    if isinstance(part, Concat):
        return call("Concat", {"branch": tree(part.branch, call, chain)})
    assert isinstance(part, Add)
    shortcut = tree(part.shortcut, call, chain) if part.shortcut else call("Identity", {})
    return call("Add", {"branch": tree(part.branch, call, chain), "shortcut": shortcut})


def dump(data: Any) -> str:
    """The data as YAML: what holds nothing nested on one line, as people write it."""
    import yaml

    copied = json.loads(json.dumps(data))  # so that nothing stands in two places, which would be written as an alias
    text: str = yaml.safe_dump(copied, default_flow_style=None, sort_keys=False, width=120)
    return text
