"""The types that the table of operations writes, and what they take."""

import pytest
from pydantic_core import PydanticCustomError

from archspec.catalog.hints import kind_of_hint
from archspec.catalog.operation_kinds import DTYPES, deferring, kind_of_type


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("int", "an integer"),
        ("float", "a number"),
        ("number", "a finite number"),
        ("fill", "a number or an infinity"),
        ("size", "an integer of at least 0"),
        ("free_size", "an integer of at least -1"),
        ("bool", "true or false"),
        ("str", "text"),
        ("list[free_size]", "a list of items, each an integer of at least -1"),
        ("int | list[int]", "an integer or a list of items"),
        ("float | None", "a number or null"),
        ("Literal['a']", "`a`"),
        ("int | Literal['a', 'b']", "an integer or one of `a`, `b`"),
        ("int | list[int | None] | None", "an integer or a list of items, each an integer or null or null"),
    ],
)
def test_types_in_words(text: str, words: str) -> None:
    """A type of the table is described to people in words."""
    assert str(kind_of_type(text)) == words


@pytest.mark.parametrize("text", ["integer", "tuple[int]"])
def test_a_type_that_does_not_exist_is_our_own_mistake(text: str) -> None:
    """A slip in the table is found by the first test that reads it."""
    with pytest.raises((AssertionError, KeyError)):
        kind_of_type(text)


@pytest.mark.parametrize("value", [3, -0.5, 2**63 - 1, -(2**63 - 1)])
def test_a_number_stays_as_it_is_written(value: float) -> None:
    """`mul: 2` keeps an integer tensor an integer tensor."""
    found = kind_of_type("number").check(value)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("value", [2**63, -(2**63), float("inf"), float("nan")])
def test_a_number_is_finite(value: float) -> None:
    """Neither an infinity, nor NaN, nor more than 64 bits."""
    with pytest.raises(PydanticCustomError, match=r"^Input should be a finite number$"):
        kind_of_type("number").check(value)


def test_dtypes_exist() -> None:
    """Each name that a spec can write is a dtype of torch."""
    import torch

    assert all(isinstance(getattr(torch, name), torch.dtype) for name in DTYPES)
    assert kind_of_type("dtype").json_schema()["anyOf"][0] == {"enum": list(DTYPES)}


def test_the_callers_own_hints_defer_as_well() -> None:
    """A registered function's arguments let pass what has no value yet, alone and in lists."""
    later = object()
    kind = deferring(kind_of_hint(int | list[int]))
    assert kind.check(later) is later
    assert kind.check([1, later]) == [1, later]
    with pytest.raises(PydanticCustomError, match=r"^Input should be an integer or a list of items$"):
        kind.check("a")
