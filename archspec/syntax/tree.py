"""The tree: what a YAML text says, every scalar, key and collection with its place. No meaning yet."""

from collections.abc import Iterator
from typing import Protocol

from archspec.source import Source, Span

__all__ = ["Mapping", "Plain", "Scalar", "Sequence", "Tree", "plain"]

_Value = bool | int | float | str | None
Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


class Mark(Protocol):
    """A place as libyaml gives it, counted from 0."""

    line: int
    column: int


class _Located:
    """Keeps libyaml's own marks and makes a `Span` of them only when one is asked for: most never are.

    The classes below set these three themselves: `super().__init__` takes a sixth of the parser's time.
    """

    __slots__ = ("_end", "_source", "_start")

    _source: Source
    _start: Mark
    _end: Mark

    @property
    def span(self) -> Span:
        """Where this stands."""
        start, end = self._start, self._end
        return Span(self._source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class Scalar(_Located):
    """A leaf: its value by YAML 1.2's core schema, and the text it was written as."""

    __slots__ = ("quoted", "text", "value")

    def __init__(  # noqa: PLR0913 - a record built in the parser's inner loop
        self, source: Source, start: Mark, end: Mark, value: _Value, text: str, *, quoted: bool
    ) -> None:
        self._source = source
        self._start = start
        self._end = end
        self.value = value
        self.text = text
        self.quoted = quoted


class Sequence(_Located):
    """A list of trees."""

    __slots__ = ("items",)

    def __init__(self, source: Source, start: Mark, end: Mark, items: list["Tree"]) -> None:
        self._source = source
        self._start = start
        self._end = end
        self.items = items


class Mapping(_Located):
    """Keys, which are always text and never twice the same, with their trees, in the order written."""

    __slots__ = ("entries",)

    def __init__(self, source: Source, start: Mark, end: Mark, entries: dict[str, tuple[Scalar, "Tree"]]) -> None:
        self._source = source
        self._start = start
        self._end = end
        self.entries = entries

    def __iter__(self) -> Iterator[str]:
        """The keys, in order."""
        return iter(self.entries)

    def __contains__(self, key: object) -> bool:
        """Whether the key is there."""
        return key in self.entries

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self.entries)

    def get(self, key: str) -> "Tree | None":
        """The tree under `key`, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry[1]

    def items(self) -> Iterator[tuple[str, Scalar, "Tree"]]:
        """Each key as text and as a scalar with a place, with its tree."""
        for name, (key, value) in self.entries.items():
            yield name, key, value


Tree = Scalar | Sequence | Mapping


def plain(tree: Tree) -> Plain:
    """The same as Python's own lists, dictionaries and scalars, without the places."""
    if isinstance(tree, Scalar):
        return tree.value
    if isinstance(tree, Sequence):
        return [plain(item) for item in tree.items]
    return {name: plain(value) for name, _, value in tree.items()}
