"""Arithmetic on sizes read at run time: in come operands, out goes the value at check time with its expression."""

import ast
import re
from collections.abc import Sequence

from archspec.elaborate import arithmetic, functions
from archspec.elaborate.values import Exceeded, Refused, Runtime, Value, describe, is_number
from archspec.limits import Limits
from archspec.syntax.brackets import nesting

__all__ = ["FUNCTIONS", "binary", "call", "negative"]

FUNCTIONS = ("abs", "min", "max", "int", "round")
_SUM, _PRODUCT, _SIGN, _ATOM = range(4)
_PRECEDENCE: dict[type[ast.operator], int] = {
    ast.Add: _SUM,
    ast.Sub: _SUM,
    ast.Mult: _PRODUCT,
    ast.Div: _PRODUCT,
    ast.FloorDiv: _PRODUCT,
    ast.Mod: _PRODUCT,
}
_TOKEN = re.compile(r"[()]| ([-+]|\*|//?|%) ")


def binary(sign: type[ast.operator], left: Value, right: Value, limits: Limits) -> Runtime:
    """`left sign right`, one of them a `Runtime`.

    Raises:
        Refused: the operator cannot be read at run time, or the other operand is no number.
        Exceeded: the expression would be too long or too deep.
    """
    value = arithmetic.binary(sign, _value(left), _value(right), limits)
    precedence = _PRECEDENCE.get(sign)
    if precedence is None or not is_number(value):
        raise _unwritable(f"`{arithmetic.SYMBOLS[sign]}`", left if isinstance(left, Runtime) else right)
    text = f"{_operand(left, precedence)} {arithmetic.SYMBOLS[sign]} {_operand(right, precedence + 1)}"
    return _runtime(value, text, limits)


def negative(value: Runtime, limits: Limits) -> Runtime:
    """`-value`.

    Raises:
        Exceeded: the expression would be too long or too deep.
    """
    return _runtime(-value.value, f"-{_operand(value, _ATOM)}", limits)


def call(name: str, arguments: Sequence[Value], limits: Limits) -> Runtime:
    """A function of numbers, one of them a `Runtime`.

    Raises:
        Refused: the function cannot be read at run time, or another argument is no number.
        Exceeded: the expression would be too long or too deep.
    """
    size = next(argument for argument in arguments if isinstance(argument, Runtime))
    if name not in FUNCTIONS or (name == "round" and len(arguments) > 1):
        raise _unwritable(f"`{name}`", size)
    value = functions.call(name, [_value(argument) for argument in arguments], limits)
    assert is_number(value)
    return _runtime(value, f"{name}({', '.join(_operand(argument, _SUM) for argument in arguments)})", limits)


def _runtime(value: int | float, text: str, limits: Limits) -> Runtime:
    """Keep the text within the bounds of an expression: `let` could double it again and again."""
    for name, count, what in (
        ("expression_length", len(text), "characters in an expression that is read at run time"),
        ("expression_depth", nesting(text), "levels of brackets in an expression that is read at run time"),
    ):
        if count > getattr(limits, name):
            raise Exceeded(name, count, what)
    return Runtime(value, text)


def _value(operand: Value) -> Value:
    return operand.value if isinstance(operand, Runtime) else operand


def _operand(operand: Value, least: int) -> str:
    """The operand as text, in parentheses when it binds less than `least`."""
    text = operand.text if isinstance(operand, Runtime) else repr(operand)
    return text if _precedence(text) >= least else f"({text})"


def _precedence(text: str) -> int:
    """How tightly the outermost operator of a text that was written here binds."""
    lowest, depth = _SIGN if text.startswith("-") else _ATOM, 0
    for token in _TOKEN.finditer(text):
        mark = token.group().strip()
        if mark in "()":
            depth += 1 if mark == "(" else -1
        elif depth == 0:
            lowest = min(lowest, _SUM if mark in "+-" else _PRODUCT)
    return lowest


def _unwritable(what: str, size: Value) -> Refused:
    return Refused(
        f"{what} cannot be applied to a size that is read at run time",
        found=describe(size),
        expected=f"`+ - * / // %` or {', '.join(FUNCTIONS)}",
    )
