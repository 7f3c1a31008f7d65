"""The values of expressions: in comes any value, out goes what kind it is, how large, and whether it is allowed."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeGuard

from archspec.diagnostic import quote

__all__ = [
    "GREATEST_INTEGER",
    "NOTHING",
    "Exceeded",
    "Items",
    "Refused",
    "Runtime",
    "Survey",
    "Value",
    "bounded",
    "describe",
    "is_integer",
    "is_items",
    "is_number",
    "is_opaque",
    "kind",
    "length",
    "survey",
    "too_large",
    "truth",
    "without_runtime",
]

GREATEST_INTEGER = 2**63 - 1
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Runtime:
    """A value known at check time that is read again at run time.

    Attributes:
        value: what it is at check time.
        text: the Python expression that reads it, such as `size(tokens, 0) * 2`.
    """

    value: int | float
    text: str


Items = list["Value"] | tuple["Value", ...] | range
Value = None | bool | int | float | str | Items | object
"""What an expression can be. Any other object, such as a module passed as a param, is opaque: it is only handed on."""


class Refused(Exception):  # noqa: N818 - never leaves this package: the walker that catches it knows the place
    """A value that an operation does not take. It says why, without a place."""

    def __init__(self, reason: str, *, found: str = "", expected: str = "", hint: str = "") -> None:
        """Say why, what was found, what was expected, and the likely fix."""
        super().__init__(reason)
        self.reason = reason
        self.found = found
        self.expected = expected
        self.hint = hint


class Exceeded(Exception):  # noqa: N818 - as Refused
    """A result over the limit `name`."""

    def __init__(self, name: str, value: int, what: str) -> None:
        """Say which limit, the value that is over it, and in words what was counted."""
        super().__init__(name)
        self.name = name
        self.value = value
        self.what = what


@dataclass(frozen=True, slots=True)
class Survey:
    """How many items a list holds, nested ones too, and whether a `Runtime` is one of them."""

    count: int
    runtime: bool


NOTHING = Survey(0, runtime=False)
_HOLDERS = frozenset({list, tuple, dict})


def is_number(value: Value) -> TypeGuard[int | float]:
    """Whether `value` is an int or a float; a bool is no number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Value) -> TypeGuard[int]:
    """Whether `value` is an int; a bool is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_items(value: Value) -> TypeGuard[Items]:
    """Whether `value` can be walked through: a list, a tuple or a range."""
    return isinstance(value, list | tuple | range)


def is_opaque(value: Value) -> bool:
    """Whether `value` is none of ours, and can only be handed on."""
    return not (value is None or isinstance(value, bool | int | float | str | list | tuple | range | dict | Runtime))


def kind(value: Value) -> str:
    """The kind of a value in a word, as messages name it."""
    if value is None:
        return "null"
    if isinstance(value, Runtime):
        return "size read at run time"
    return "module" if is_opaque(value) else type(value).__name__


def describe(value: Value) -> str:
    """A value and its kind, as the `found` of an error shows it.

    >>> describe("a")
    "`'a'` (str)"
    """
    if value is None or is_opaque(value):
        return kind(value)
    return f"{quote(value.text if isinstance(value, Runtime) else repr(value), _SHOWN)} ({kind(value)})"


def length(items: Items | str) -> int:
    """How many items there are; a range can have more than `len` can say."""
    if not isinstance(items, range):
        return len(items)
    direction = 1 if items.step > 0 else -1
    return max(0, (items.stop - items.start + items.step - direction) // items.step)


def bounded(value: Value) -> Value:
    """Let a number pass when it is within bounds.

    Raises:
        Refused: an integer outside ±(2^63 - 1), an infinity, or not a number.
    """
    if isinstance(value, int) and abs(value) > GREATEST_INTEGER:
        raise too_large()
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("the result is no finite number", expected="a float up to ±1.8e308")
    return value


def too_large() -> Refused:
    """The refusal of an integer that is outside the bounds."""
    return Refused("the result is too large", expected="an integer up to ±(2^63 - 1)")


def truth(value: Value) -> bool:
    """Whether `value` counts as true, as in Python.

    Raises:
        Refused: a size that is read at run time decides nothing at check time.
    """
    if isinstance(value, Runtime):
        raise Refused("a condition cannot depend on a size that is read at run time", found=describe(value))
    if is_items(value):
        return length(value) > 0
    return True if is_opaque(value) else bool(value)


def survey(value: Value, most: int, deepest: int) -> Survey:
    """Count the items of a list level by level, those of ranges in it too, and stop soon after `most`.

    Raises:
        Exceeded: lists stand in each other deeper than `deepest`.
    """
    count, depth, runtime = 0, 0, False
    level = [value] if type(value) in _HOLDERS else []
    while level and count <= most:
        depth += 1
        if depth > deepest:
            raise Exceeded("expression_depth", depth, "levels of lists in one value")
        below: list[Value] = []
        for holder in level:
            items = _items(holder)
            count += len(items)
            kinds = set(map(type, items))
            if range in kinds:
                count += sum(length(item) for item in items if isinstance(item, range))
            runtime = runtime or Runtime in kinds
            if not kinds.isdisjoint(_HOLDERS):
                below += [item for item in items if type(item) in _HOLDERS]
            if count > most:
                break
        level = below
    return Survey(count, runtime=runtime)


def without_runtime(value: Value) -> Value:
    """The same value with each `Runtime` in it replaced by what it is at check time."""
    if isinstance(value, Runtime):
        return value.value
    if isinstance(value, list):
        return [without_runtime(item) for item in value]
    return tuple(without_runtime(item) for item in value) if isinstance(value, tuple) else value


def _items(holder: Value) -> Collection[Value]:
    assert isinstance(holder, list | tuple | dict)
    return holder.values() if isinstance(holder, dict) else holder
