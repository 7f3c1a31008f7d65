"""The files that a spec is made of: in comes its path, out come that and those that `extends` and `use` name."""

from collections.abc import Iterator
from pathlib import Path

from archspec.errors import Collector, Fault
from archspec.limits import Limits
from archspec.syntax.parse import parse
from archspec.syntax.read import read_source
from archspec.syntax.tree import Mapping, Scalar, Tree

__all__ = ["files_of"]


def files_of(path: Path, limits: Limits) -> tuple[Path, ...]:
    """The files, each once, `path` first: also those that are not there, or cannot be read, and may be later.

    Only the texts are read; what they say may be wrong. What ships with archspec is not among them.
    """
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting and len(found) < limits.include_files:
        current = waiting.pop(0)
        if current not in found:
            found[current] = None
            waiting += [current.parent / name for name in _named(current, limits)]
    return tuple(found)


def _named(path: Path, limits: Limits) -> Iterator[str]:
    """The paths that a file names."""
    try:
        tree = parse(read_source(path, limits=limits), limits, Collector())
    except Fault:
        return
    if isinstance(tree, Mapping):
        used = tree.get("use")
        yield from _path(tree.get("extends"))
        for _, _, value in used.items() if isinstance(used, Mapping) else ():
            yield from _path(value.get("extends") if isinstance(value, Mapping) else value)


def _path(tree: Tree | None) -> Iterator[str]:
    is_text = isinstance(tree, Scalar) and isinstance(tree.value, str)
    if isinstance(tree, Scalar) and is_text and ("/" in tree.text or tree.text.endswith((".yaml", ".yml"))):
        yield tree.text
