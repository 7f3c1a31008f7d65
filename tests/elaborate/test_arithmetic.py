"""Operators on values, compared with Python's."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostic import Diagnostic
from archspec.elaborate.arithmetic import binary, compare
from archspec.elaborate.evaluate import Budget, evaluate
from archspec.elaborate.values import GREATEST_INTEGER, Refused
from archspec.errors import Fault
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source, Span
from archspec.syntax.expression import parse_expression


class Nothing:
    """A scope without names."""

    def lookup(self, name: str) -> object:
        """Nothing is known."""
        raise KeyError(name)

    def names(self) -> list[str]:
        """No names."""
        return []

    def size(self, node: str, dim: int) -> int:
        """No nodes."""
        raise LookupError(f"{node} {dim}")


def evaluated(text: str) -> object:
    """The value of a text without names, or the diagnostic it gets."""
    expression = parse_expression(text, Span(Source.of_text(text), 1, 1, 1, len(text) + 1), DEFAULT_LIMITS)
    try:
        return evaluate(expression, Nothing(), Budget(DEFAULT_LIMITS))
    except Fault as fault:
        return fault.diagnostic


numbers = st.one_of(st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False)).map(repr)
texts = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner),
        st.builds("({} ** {})".format, inner, st.integers(-5, 70)),
        st.builds("-{}".format, inner),
        st.builds("({} if {} < {} else {})".format, inner, inner, inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "int", "float", "round"]), inner),
    ),
    max_leaves=8,
)


def in_python(text: str) -> object:
    """Python's own value, or None where ours has none: an error, a complex number, a number out of bounds."""
    try:
        result = eval(
            text, {"__builtins__": {"min": min, "max": max, "abs": abs, "int": int, "float": float, "round": round}}
        )
    except (ArithmeticError, ValueError):
        return None
    if isinstance(result, int):
        return result if abs(result) <= GREATEST_INTEGER else None
    return result if isinstance(result, float) and math.isfinite(result) else None


def has_no_value_on_the_way(text: str) -> bool:
    """Whether some part of the text has no value within our bounds."""
    return any(
        isinstance(node, ast.expr) and not isinstance(node, ast.Name) and in_python(ast.unparse(node)) is None
        for node in ast.walk(ast.parse(text, mode="eval"))
    )


@given(texts.filter(lambda text: text.count("**") < 3))
def test_random_arithmetic_equals_python(text: str) -> None:
    """Any arithmetic has Python's value to the last bit and Python's type, or a located refusal where it has none."""
    result = evaluated(text)
    if isinstance(result, Diagnostic):
        assert result.code == "E0801" or (result.code == "E0404" and has_no_value_on_the_way(text))
    else:
        expected = in_python(text)
        assert (type(result), repr(result)) == (type(expected), repr(expected))


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.integers(-10, 200))
def test_a_power_is_refused_exactly_when_it_is_out_of_bounds(base: int, exponent: int) -> None:
    """The check before the power is computed refuses none that would fit."""
    fits = exponent < 0 or abs(base**exponent) <= GREATEST_INTEGER
    try:
        result = binary(ast.Pow, base, exponent, DEFAULT_LIMITS)
    except Refused:
        assert not fits or base == 0
    else:
        assert fits
        assert result == base**exponent


@pytest.mark.parametrize(
    ("sign", "left", "right", "expected"),
    [
        (ast.Eq, [1, [2]], [1, [2]], True),
        (ast.Eq, "1", 1, False),
        (ast.NotEq, None, 0, True),
        (ast.LtE, 2, 2.0, True),
        (ast.Gt, "b", "a", True),
        (ast.In, None, [1, None], True),
        (ast.NotIn, {"a": 1}, [{"a": 1}], True),
    ],
)
def test_comparisons(sign: type[ast.cmpop], left: object, right: object, expected: bool) -> None:  # noqa: FBT001
    """Values of one kind are compared as in Python; a dictionary is in no list."""
    assert compare(sign, left, right) is expected


def test_comparing_opaque_values_asks_nothing_of_them() -> None:
    """A module's own `__eq__` never runs."""

    class Loud:
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        __hash__ = None  # type: ignore[assignment]

    loud = Loud()
    assert compare(ast.Eq, loud, loud) is True
    assert compare(ast.Eq, loud, Loud()) is False
    assert compare(ast.NotEq, loud, None) is True
