"""Runs: in come the children of a container, out go the same with those in a row that are made alike as one."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from archspec.fold.design import Constant, Design, Initialised, Instance, Item, Member, Run, filled, split

__all__ = ["with_runs"]

_NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]{0,8})")
_SHORTEST = 2
_SHORTEST_VARYING = 4
_MOST_COLUMNS = 2


def with_runs(children: Sequence[tuple[str, Design]]) -> tuple[Member | Run, ...]:
    """The children, at least two equal ones in a row as a `Run`, and at least four that differ in a value or two."""
    found: list[Member | Run] = []
    start = 0
    while start < len(children):
        made = _run(children[start : start + _length(children, start)])
        found += made
        start += sum(_count(item) for item in made)
    return tuple(found)


def _count(item: Member | Run) -> int:
    if isinstance(item, Member):
        return 1
    assert isinstance(item.count, Constant)
    assert isinstance(item.count.value, int)
    return item.count.value


def _length(children: Sequence[tuple[str, Design]], start: int) -> int:
    """How many children from `start` on have the same shape, and names that go on counting."""
    named = _NUMBERED.fullmatch(children[start][0])
    if named is None:
        return 1
    shape, _ = split(children[start][1])
    length = 1
    for name, design in children[start + 1 :]:
        if name != f"{named[1]}{int(named[2]) + length}" or split(design)[0] != shape:
            break
        length += 1
    return length


def _run(children: Sequence[tuple[str, Design]]) -> list[Member | Run]:
    """A run of children of one shape: all of them, or the first ones that are equal."""
    name, design = children[0]
    shape, _ = split(design)
    rows = [split(child)[1] for _, child in children]
    differing = [index for index, column in enumerate(zip(*rows, strict=True)) if len({*column}) > 1]
    equal = next((index for index, row in enumerate(rows) if row != rows[0]), len(rows))
    named = _NUMBERED.fullmatch(name)
    if named is not None and equal >= _SHORTEST:
        return [Run(named[1], int(named[2]), Constant(equal), design)]
    is_block = isinstance(design.design if isinstance(design, Initialised) else design, Instance)
    stop = next((index for index, (one, two) in enumerate(pairwise(rows)) if one == two), len(rows))
    if named is None or stop < _SHORTEST_VARYING or len(differing) > _MOST_COLUMNS or not is_block:
        return [Member(name, design)]
    return [_varying(named, shape, rows[:stop])]


def _varying(named: re.Match[str], shape: Design, rows: Sequence[tuple[object, ...]]) -> Run:
    """A run whose children differ in some values; values that always differ together are one column."""
    columns: dict[tuple[object, ...], Item] = {}
    values: list[object] = []
    for column in zip(*rows, strict=True):
        if len({*column}) == 1:
            values.append(column[0])
        else:
            values.append(columns.setdefault(column, Item(len(columns))))
    return Run(
        named[1],
        int(named[2]),
        Constant(len(rows)),
        filled(shape, values),
        tuple(Constant(tuple(_plain(columns_))) for columns_ in columns),
    )


def _plain(column: tuple[object, ...]) -> Iterator[object]:
    for value in column:
        assert isinstance(value, Constant)
        yield value.value
