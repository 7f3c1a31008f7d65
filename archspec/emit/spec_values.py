"""Values and nodes of the concrete spec: in come arguments of a graph, out goes plain data as a spec writes it.

An *entry* is a node as a mapping, `{Conv2d: {…}, from: x}`. That of a module which holds others is a `BlockMapping`.
"""

import re
from collections.abc import Mapping
from typing import Any

from archspec.catalog.construct import LayerCall
from archspec.elaborate.evaluate import Runtime
from archspec.emit.yaml_text import BlockMapping, BlockSequence
from archspec.graph.graph import Arguments, Transform

__all__ = ["Entry", "as_item", "as_value", "concrete", "concrete_arguments", "concrete_call"]

Entry = dict[str, Any]

_SIZE = re.compile(r"\bsize\((\w+),")


def concrete(value: object, sizes: Mapping[str, str] | None = None) -> Any:
    """A value as a spec writes it; a dollar in text is doubled, so that it starts no expression.

    Args:
        value: of an argument.
        sizes: what the values are called whose sizes are read at run time, where it is not their own name.
    """
    match value:
        case str():
            return value.replace("$", "$$")
        case list() | tuple():
            return [concrete(item, sizes) for item in value]
        case dict():
            return {key: concrete(item, sizes) for key, item in value.items()}
        case LayerCall() | Transform():
            return concrete_call(value.type, value.arguments)
        case Runtime():
            names = sizes or {}
            text = _SIZE.sub(lambda match: f"size({names.get(match[1], match[1])},", value.text)
            return f"$({text})"
        case _:
            return value


def concrete_arguments(arguments: Arguments, sizes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Arguments by name, as a spec writes them."""
    return {name: concrete(value, sizes) for name, value in arguments}


def concrete_call(name: str, arguments: Arguments) -> str | Entry:
    """A layer or an initialiser as a value: its name alone where it has no arguments."""
    return {name: concrete_arguments(arguments)} if arguments else name


def as_value(entry: Entry) -> Any:
    """A node in its shortest form, where it stands behind a name: a numbered `Sequential` is its list."""
    [(key, content), *wiring] = entry.items()
    if wiring:
        return entry
    if not isinstance(entry, BlockMapping):
        return entry if content else key
    return content if key == "Sequential" and isinstance(content, BlockSequence) and content else entry


def as_item(entry: Entry) -> Any:
    """A node in its shortest form, where it stands in a list."""
    [(key, content), *wiring] = entry.items()
    bare = not isinstance(entry, BlockMapping) and not content and not wiring
    return key if bare else BlockMapping(entry)
