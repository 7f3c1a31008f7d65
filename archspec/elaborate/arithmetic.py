"""Operators on values: in come an operator and its operands, out goes the value, bounded before it is computed."""

import ast
import operator
from collections.abc import Callable
from typing import Any, cast

from archspec.diagnostic import quote
from archspec.elaborate.values import (
    Exceeded,
    Refused,
    Value,
    bounded,
    describe,
    is_integer,
    is_number,
    is_opaque,
    kind,
    length,
    too_large,
)
from archspec.limits import Limits
from archspec.suggest import did_you_mean

__all__ = ["SYMBOLS", "binary", "compare", "item", "part", "signed"]

SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ARITHMETIC: dict[type[ast.AST], Callable[[Any, Any], int | float | complex]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_ORDER: dict[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_EXPECTED: dict[type[ast.AST], str] = {
    ast.Add: "two numbers, two texts or two lists",
    ast.Mult: "two numbers, or a text or a list and an int",
}
_BITS = 63


def binary(sign: type[ast.operator], left: Value, right: Value, limits: Limits) -> Value:
    """`left sign right`.

    Raises:
        Refused: the operands are of the wrong kind, or the result is out of bounds.
        Exceeded: the text or the list would be too long.
    """
    if is_number(left) and is_number(right):
        return _numbers(sign, left, right)
    if sign is ast.Add and isinstance(left, str | list | tuple) and type(left) is type(right):
        _check_length(left, length(left) + length(right), limits)
        return cast("Value", operator.add(left, right))
    if sign is ast.Mult and isinstance(left, str | list | tuple) and is_integer(right):
        return _repeated(left, right, limits)
    if sign is ast.Mult and isinstance(right, str | list | tuple) and is_integer(left):
        return _repeated(right, left, limits)
    raise _mismatch(sign, left, right)


def signed(sign: type[ast.unaryop], value: Value) -> int | float:
    """`-value` or `+value`.

    Raises:
        Refused: it is no number.
    """
    if not is_number(value):
        raise Refused(f"`{SYMBOLS[sign]}` does not take {kind(value)}", found=describe(value), expected="a number")
    return -value if sign is ast.USub else value


def compare(sign: type[ast.cmpop], left: Value, right: Value) -> bool:
    """`left sign right`.

    Raises:
        Refused: the operands are of kinds that are never compared.
    """
    if sign in (ast.Eq, ast.NotEq):
        return _equal(sign, left, right) is (sign is ast.Eq)
    if sign in (ast.In, ast.NotIn):
        return _contains(sign, left, right) is (sign is ast.In)
    if (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str)):
        return _ORDER[sign](left, right)
    raise _mismatch(sign, left, right, "two numbers or two texts")


def item(container: Value, index: Value) -> Value:
    """`container[index]`.

    Raises:
        Refused: there is no such item, or `container` has no items.
    """
    if isinstance(container, dict) and isinstance(index, str):
        if index not in container:
            hint = did_you_mean(index, container)
            raise Refused(f"there is no key {quote(index)}", expected=_keys(container), hint=hint)
        return cast("Value", container[index])
    if not isinstance(container, str | list | tuple | range):
        raise Refused(f"{kind(container)} has no items", found=describe(container))
    if not is_integer(index):
        raise Refused(f"an index is an int, not {kind(index)}", found=describe(index))
    count = length(container)
    if not -count <= index < count:
        expected = f"0 to {count - 1}, or -{count} to -1 from the end" if count else "nothing: there are no items"
        raise Refused(f"there is no item {index}", found=f"{count:,} items", expected=expected)
    return container[index]


def part(container: Value, *bounds: Value) -> Value:
    """`container[start:stop:step]`.

    Raises:
        Refused: `container` has no items, or a bound is no integer.
    """
    if not isinstance(container, str | list | tuple | range):
        raise Refused(f"{kind(container)} has no items", found=describe(container))
    for bound in bounds:
        if bound is not None and not is_integer(bound):
            raise Refused(f"a bound of a slice is an int, not {kind(bound)}", found=describe(bound))
    if bounds[2] == 0:
        raise Refused("the step of a slice is 0")
    return container[slice(*cast("tuple[int | None, ...]", bounds))]


def _numbers(sign: type[ast.operator], left: int | float, right: int | float) -> Value:
    if sign is ast.Pow:
        _check_power(left, right)
    try:
        return bounded(_ARITHMETIC[sign](left, right))
    except ZeroDivisionError:
        raise Refused("it divides by zero", found=quote(f"{left} {SYMBOLS[sign]} {right}")) from None
    except OverflowError:
        raise Refused("the result is no finite number", expected="a float up to ±1.8e308") from None


def _check_power(base: int | float, exponent: int | float) -> None:
    """Refuse a power by the size of its operands: computing it first could take all memory."""
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent > 0 and (abs(base).bit_length() - 1) * exponent > _BITS:
            raise too_large()
    elif base < 0 and not float(exponent).is_integer():
        raise Refused("a negative number has no power with a fraction")


def _repeated(value: str | list[Value] | tuple[Value, ...], times: int, limits: Limits) -> Value:
    _check_length(value, length(value) * times, limits)
    return value * times


def _check_length(value: str | list[Value] | tuple[Value, ...], count: int, limits: Limits) -> None:
    name, what = ("text_result", "characters") if isinstance(value, str) else ("list_result", "items")
    if count > getattr(limits, name):
        raise Exceeded(name, count, f"{what} in the result of an expression")


def _equal(sign: type[ast.cmpop], left: Value, right: Value) -> bool:
    if is_opaque(left) or is_opaque(right):
        return left is right
    if (isinstance(left, bool) and is_number(right)) or (is_number(left) and isinstance(right, bool)):
        raise _mismatch(sign, left, right, "two bools or two numbers")
    return left == right


def _contains(sign: type[ast.cmpop], value: Value, container: Value) -> bool:
    if isinstance(container, range):
        # Python searches a range item by item for anything but an int.
        return is_number(value) and float(value).is_integer() and int(value) in container
    if isinstance(container, list | tuple | dict) or (isinstance(container, str) and isinstance(value, str)):
        return not isinstance(value, dict) and value in container
    raise _mismatch(sign, value, container, "a list, or two texts")


def _mismatch(sign: type[ast.AST], left: Value, right: Value, expected: str = "") -> Refused:
    """The refusal of two operands that do not fit."""
    symbol = SYMBOLS[sign]
    return Refused(
        f"`{symbol}` does not take {kind(left)} and {kind(right)}",
        found=f"{describe(left)} {symbol} {describe(right)}",
        expected=expected or _EXPECTED.get(sign, "two numbers"),
    )


def _keys(container: dict[str, Value]) -> str:
    return ", ".join(quote(key) for key in container)
