"""Writes YAML: in comes plain data that says which collections are spread over lines, out goes text that reads back.

PyYAML writes YAML 1.1, where `no` is quoted and `1e-05` is not; what is written here is what `syntax.scalars` reads.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from archspec.syntax.scalars import resolve

__all__ = ["BlockMapping", "BlockSequence", "write_inline", "write_yaml"]

INDENT = 2

# Text that needs no quotes inside `{…}` and `[…]`. What YAML allows beyond it is quoted all the same.
_PLAIN = re.compile(r"[A-Za-z0-9_$(./](?:[\w .$/()+*@=<>|^~%!&;?'\"\\-]*[\w.$/()+*@=<>|^~%!&;?'\"\\-])?", re.ASCII)
# Outside of them a comma and a bracket are letters like any other.
_COMMAS = str.maketrans(dict.fromkeys(",[]{}", "."))


class BlockMapping(dict[str, Any]):
    """A mapping with a line for each key; every other `dict` stays on the line that it starts on."""


class BlockSequence(list[Any]):
    """A sequence with a line for each item; every other `list` stays on the line that it starts on."""


def write_yaml(document: BlockMapping) -> str:
    r"""Write a document of mappings, lists, text, numbers, booleans and None.

    >>> write_yaml(BlockMapping(name="no", model=BlockSequence(["ReLU", {"Linear": {"eps": 1e-05, "bias": None}}])))
    'name: no\nmodel:\n  - ReLU\n  - {Linear: {eps: 1e-05, bias: null}}\n'
    """
    return "".join(f"{line}\n" for line in _block(document))


def write_inline(value: Any) -> str:
    """Write a value on one line, as it can stand inside `{…}` and `[…]`.

    >>> write_inline({"layers": [2, 2], "rate": 0.5})
    '{layers: [2, 2], rate: 0.5}'
    """
    return _inline(value)


def _block(value: BlockMapping | BlockSequence) -> Iterator[str]:
    """The lines of a collection, not indented."""
    if isinstance(value, BlockMapping):
        for key, item in value.items():
            yield from _entry(f"{_text(key, inline=False)}:", item)
        return
    for item in value:
        lines = _block(item) if _is_block(item) else iter([_inline(item, inline=False)])
        yield f"- {next(lines)}"
        yield from map(_indented, lines)


def _entry(key: str, item: Any) -> Iterator[str]:
    if _is_block(item):
        yield key
        yield from map(_indented, _block(item))
    elif isinstance(item, str) and _is_literal(item):
        yield f"{key} |" if item.endswith("\n") else f"{key} |-"
        yield from map(_indented, item.removesuffix("\n").split("\n"))
    else:
        yield f"{key} {_inline(item, inline=False)}"


def _indented(line: str) -> str:
    return f"{' ' * INDENT}{line}" if line else ""


def _is_block(item: object) -> bool:
    """Whether it takes lines of its own; an empty collection does not."""
    return isinstance(item, BlockMapping | BlockSequence) and bool(item)


def _is_literal(text: str) -> bool:
    """Whether text of several lines reads back from lines of its own."""
    lines = text.removesuffix("\n").split("\n")
    shaped = all(line.isprintable() and line == line.rstrip() for line in lines)
    return "\n" in text and shaped and bool(lines[0]) and not lines[0].startswith(" ") and bool(lines[-1])


def _inline(value: Any, *, inline: bool = True) -> str:
    """A value on one line."""
    match value:
        case dict():
            return f"{{{', '.join(f'{_text(key)}: {_inline(item)}' for key, item in value.items())}}}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case str():
            return _text(value, inline=inline)
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
        case None | bool() | int() | float():
            return json.dumps(value)
    raise AssertionError(f"{type(value).__name__} is no plain data")


def _text(text: str, *, inline: bool = True) -> str:
    """Text, in quotes where it would be read as something else."""
    shape = text if inline else text[:1] + text[1:].translate(_COMMAS)
    if _PLAIN.fullmatch(shape) and isinstance(resolve(text), str):
        return text
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(character: str) -> str:
    """A character in double quotes; one that a reader cannot see as an escape, which YAML has as Python has it."""
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
