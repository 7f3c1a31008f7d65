"""The functions of expressions: in come a name and arguments, out goes the value, as in Python unless it says so."""

import math
from collections.abc import Callable, Sequence

from archspec.elaborate.values import (
    Exceeded,
    Items,
    Refused,
    Value,
    bounded,
    describe,
    is_integer,
    is_items,
    is_number,
    kind,
    length,
    truth,
)
from archspec.limits import Limits

__all__ = ["NAMES", "call"]

_MOST_DIGITS = 400


def call(name: str, arguments: Sequence[Value], limits: Limits) -> Value:
    """Call the function `name`; how many arguments there are was checked when the text was read.

    Raises:
        Refused: an argument is of the wrong kind, or the result is out of bounds.
        Exceeded: the result would be too long.
    """
    if name in _MAKE_LISTS:
        return _MAKE_LISTS[name](limits, *arguments)
    return bounded(_FUNCTIONS[name](*arguments))


def _abs(x: Value) -> Value:
    return abs(_number("abs", x))


def _min(*values: Value) -> Value:
    return min(_comparable("min", values))  # type: ignore[type-var]


def _max(*values: Value) -> Value:
    return max(_comparable("max", values))  # type: ignore[type-var]


def _sum(items: Value, start: Value = 0) -> Value:
    total = _number("sum", start)
    for item in _items("sum", items):
        total += _number("sum", item)
    return total


def _len(items: Value) -> Value:
    if isinstance(items, dict):
        return len(items)
    if not isinstance(items, str | list | tuple | range):
        raise _wrong("len", items, "a list or a text")
    return length(items)


def _range(*bounds: Value) -> Value:
    whole = [_integer("range", bound) for bound in bounds]
    if whole[2:] == [0]:
        raise Refused("the step of `range` is 0")
    return range(*whole)


def _any(items: Value) -> Value:
    return any(truth(item) for item in _items("any", items))


def _all(items: Value) -> Value:
    return all(truth(item) for item in _items("all", items))


def _round(x: Value, digits: Value = None) -> Value:
    number = _number("round", x)
    if digits is None:
        return round(number)
    places = _integer("round", digits)
    # Rounding an int computes a power of ten: past this many places nothing of either kind of number changes.
    return round(number, max(-_MOST_DIGITS, min(places, _MOST_DIGITS)))


def _floor(x: Value) -> Value:
    return math.floor(_number("floor", x))


def _ceil(x: Value) -> Value:
    return math.ceil(_number("ceil", x))


def _sqrt(x: Value) -> Value:
    number = _number("sqrt", x)
    if number < 0:
        raise Refused("`sqrt` takes no negative number", found=describe(x))
    return math.sqrt(number)


def _int(x: Value) -> Value:
    return int(x) if isinstance(x, bool) else int(_number("int", x))


def _float(x: Value) -> Value:
    return float(_number("float", x))


def _str(x: Value) -> Value:
    if not isinstance(x, bool | int | float | str):
        raise _wrong("str", x, "a number, a bool or a text")
    return str(x)


def _round_to(value: Value, multiple: Value) -> Value:
    """The nearest multiple, at least one of it, and never more than a tenth below `value`.

    The rule of MobileNet's `make_divisible`, as torchvision has it in `torchvision/models/_utils.py`.
    """
    number, step = _number("round_to", value), _integer("round_to", multiple)
    if step < 1:
        raise Refused("`round_to` takes a multiple of 1 or more", found=describe(multiple))
    rounded = max(step, int(number + step / 2) // step * step)
    return rounded + step if rounded < 0.9 * number else rounded


def _enumerate(limits: Limits, items: Value, start: Value = 0) -> Value:
    known = _items("enumerate", items)
    _check_count(length(known), limits)
    return list(enumerate(known, _integer("enumerate", start)))


def _zip(limits: Limits, *lists: Value) -> Value:
    known = [_items("zip", items) for items in lists]
    _check_count(min(length(items) for items in known), limits)
    return list(zip(*known, strict=False))


def _linspace(limits: Limits, start: Value, stop: Value, num: Value) -> Value:
    """`num` floats at equal distances from `start` to `stop`, both included.

    `torch.linspace` computes in float32, so its numbers differ from these after about seven digits.
    """
    first, last, count = _number("linspace", start), _number("linspace", stop), _integer("linspace", num)
    if count < 0:
        raise Refused("`linspace` takes 0 or more numbers", found=describe(num))
    _check_count(count, limits)
    distance = last - first
    return [bounded(float(first + index * distance / max(1, count - 1))) for index in range(count)]


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": _abs,
    "min": _min,
    "max": _max,
    "sum": _sum,
    "len": _len,
    "range": _range,
    "round": _round,
    "floor": _floor,
    "ceil": _ceil,
    "sqrt": _sqrt,
    "int": _int,
    "float": _float,
    "str": _str,
    "any": _any,
    "all": _all,
    "round_to": _round_to,
}
_MAKE_LISTS: dict[str, Callable[..., Value]] = {"enumerate": _enumerate, "zip": _zip, "linspace": _linspace}
NAMES = frozenset(_FUNCTIONS) | frozenset(_MAKE_LISTS)
"""Every function but `size`, which asks the scope."""


def _number(name: str, value: Value) -> int | float:
    if not is_number(value):
        raise _wrong(name, value, "a number")
    return value


def _integer(name: str, value: Value) -> int:
    if not is_integer(value):
        raise _wrong(name, value, "an int")
    return value


def _items(name: str, value: Value) -> Items:
    if not is_items(value):
        raise _wrong(name, value, "a list, a tuple or a range")
    return value


def _comparable(name: str, values: tuple[Value, ...]) -> Sequence[Value]:
    """The numbers, or the texts, that `min` and `max` choose from: the arguments, or the items of the only one."""
    candidates = _items(name, values[0]) if len(values) == 1 else values
    if not candidates:
        raise Refused(f"`{name}` has nothing to choose from", found=describe(values[0]))
    if not all(isinstance(value, str) for value in candidates):
        for value in candidates:
            _number(name, value)
    return candidates


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.list_result:
        raise Exceeded("list_result", count, "items in the result of an expression")


def _wrong(name: str, value: Value, expected: str) -> Refused:
    return Refused(f"`{name}` does not take {kind(value)}", found=describe(value), expected=expected)
