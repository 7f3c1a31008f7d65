"""Arithmetic on sizes that are read at run time."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.elaborate.runtime import FUNCTIONS, binary, call, negative
from archspec.elaborate.values import Exceeded, Refused, Runtime, Value
from archspec.limits import DEFAULT_LIMITS

SIZE = Runtime(6, "size(x, 0)")
SIGNS: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


def joined(sign: type[ast.operator], left: Value, right: Value) -> Runtime:
    """Two operands joined."""
    return binary(sign, left, right, DEFAULT_LIMITS)


def in_python(text: str) -> object:
    """What the text gives when it is run, with both sizes as they are at check time."""
    sizes = {("x", 0): 6, ("y", 1): 7}
    return eval(text, {"size": lambda node, dim: sizes[node, dim], "x": "x", "y": "y"})


def test_parentheses_stand_only_where_they_are_needed() -> None:
    """The text reads as a person would write it."""
    total = joined(ast.Add, SIZE, 1)
    assert total == Runtime(7, "size(x, 0) + 1")
    assert joined(ast.Mult, total, 2).text == "(size(x, 0) + 1) * 2"
    assert joined(ast.Add, total, 2).text == "size(x, 0) + 1 + 2"
    assert joined(ast.Sub, 2, total).text == "2 - (size(x, 0) + 1)"
    assert joined(ast.FloorDiv, joined(ast.Mult, SIZE, 2), 4).text == "size(x, 0) * 2 // 4"
    assert joined(ast.Mult, 3, joined(ast.FloorDiv, SIZE, 4)).text == "3 * (size(x, 0) // 4)"
    assert joined(ast.Sub, SIZE, -1).text == "size(x, 0) - -1"
    assert negative(total, DEFAULT_LIMITS).text == "-(size(x, 0) + 1)"
    assert negative(SIZE, DEFAULT_LIMITS).text == "-size(x, 0)"
    assert call("max", [total, 4], DEFAULT_LIMITS) == Runtime(7, "max(size(x, 0) + 1, 4)")


runtimes = st.recursive(
    st.sampled_from([SIZE, Runtime(7, "size(y, 1)")]),
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(SIGNS[:3]), inner, inner),
        st.builds(joined, st.sampled_from(SIGNS), inner, st.sampled_from([-3, 2, 1.5])),
        st.builds(joined, st.sampled_from(SIGNS[:3]), st.sampled_from([-3, 2, 1.5]), inner),
        st.builds(lambda value: negative(value, DEFAULT_LIMITS), inner),
        st.builds(lambda value: call("abs", [value], DEFAULT_LIMITS), inner),
        st.builds(lambda value: call("min", [value, -2], DEFAULT_LIMITS), inner),
    ),
    max_leaves=6,
)


@given(runtimes)
def test_the_text_gives_the_value_it_stands_for(runtime: Runtime) -> None:
    """Run as Python, the text has the value of check time: precedence is never lost."""
    assert repr(in_python(runtime.text)) == repr(runtime.value)


@given(runtimes)
def test_the_text_holds_nothing_but_what_was_promised(runtime: Runtime) -> None:
    """Emitters may rely on it: numbers, names, the operators, and calls of `size` and five functions."""
    for node in ast.walk(ast.parse(runtime.text, mode="eval").body):
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in {*FUNCTIONS, "size"}
        elif not isinstance(node, ast.operator | ast.unaryop | ast.expr_context):
            assert isinstance(node, ast.BinOp | ast.UnaryOp | ast.Constant | ast.Name)


@pytest.mark.parametrize("name", ["sqrt", "float", "str", "len", "range", "round_to", "sum"])
def test_other_functions_are_refused(name: str) -> None:
    """What cannot be written in the text has no value."""
    with pytest.raises(Refused, match=f"`{name}` cannot be applied to a size that is read at run time"):
        call(name, [SIZE, 1], DEFAULT_LIMITS)


def test_other_operands_are_refused() -> None:
    """Text and bools are refused as they are at check time."""
    with pytest.raises(Refused, match="`\\+` does not take int and bool"):
        joined(ast.Add, SIZE, right=True)
    with pytest.raises(Refused, match="`\\*` cannot be applied"):
        joined(ast.Mult, SIZE, "a")
    with pytest.raises(Refused, match="`\\*\\*` cannot be applied"):
        joined(ast.Pow, SIZE, 2)


def test_the_text_is_as_short_as_an_expression() -> None:
    """`let: {b: $(a + a), c: $(b + b) …}` would double it each time."""
    value: Runtime = SIZE
    with pytest.raises(Exceeded) as caught:  # noqa: PT012 - the loop is the test
        for _ in range(40):
            value = joined(ast.Add, value, value)
    assert caught.value.name == "expression_length"


def test_the_text_is_as_shallow_as_an_expression() -> None:
    """`let: {b: $(abs(a)), c: $(abs(b)) …}` would nest it each time."""
    value: Runtime = SIZE
    with pytest.raises(Exceeded) as caught:  # noqa: PT012 - the loop is the test
        for _ in range(40):
            value = call("abs", [value], DEFAULT_LIMITS)
    assert caught.value.name == "expression_depth"
