"""`archspec.catalog.kinds`: a value is taken or refused by the kind of its Python type alone."""

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from archspec.catalog.kinds import NULL, TEXT, Bounds, Choice, Integer, Items, Number, OneOf, Unwritable


@pytest.mark.parametrize(
    ("bounds", "words", "inside", "outside"),
    [
        (Bounds(), "", (-1e300, 1e300), ()),
        (Bounds(low=1), "at least 1", (1, 2), (0, 0.999)),
        (Bounds(low=0, exclusive=True), "above 0", (1e-9,), (0, -1)),
        (Bounds(low=0, high=1), "from 0 to 1", (0, 1), (-1e-9, 1.1)),
        (Bounds(low=0, high=1, exclusive=True), "between 0 and 1", (0.5,), (0, 1)),
    ],
)
def test_bounds(bounds: Bounds, words: str, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    """The words of the bounds say exactly which numbers they hold."""
    assert str(bounds) == words
    assert all(bounds.hold(value) for value in inside)
    assert not any(bounds.hold(value) for value in outside)


def test_the_first_kind_of_a_type_has_it() -> None:
    """`int | float` keeps an integer an integer, and one mistake is never reported by two kinds."""
    kind = OneOf((Integer(), Number()))

    assert repr([kind.check(1), kind.check(1.0)]) == "[1, 1.0]"


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63) + 1])
def test_the_greatest_integers_are_taken(value: int) -> None:
    """64 bits are enough for every number torch takes."""
    assert Integer().check(value) == value


@pytest.mark.parametrize("value", [2**63, -(2**63)])
def test_greater_integers_are_refused(value: int) -> None:
    """One more is refused here, before torch overflows on it."""
    with pytest.raises(PydanticCustomError, match=r"^Input should be an integer of 64 bits$"):
        Integer().check(value)


def test_great_floats_are_taken() -> None:
    """A float need not fit into an integer."""
    assert Number().check(1e30) == 1e30


def test_an_error_in_a_nested_list_has_its_whole_path() -> None:
    """Each step into a list is in the place of the error."""
    pairs = Items(item=OneOf((Items(item=OneOf((Integer(),)), lengths=(2,)),)))
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, OneOf((pairs,))]).validate_python({"pairs": [[1, 2], [3, "x"]]})  # type: ignore[misc]

    assert [error["loc"] for error in caught.value.errors()] == [("pairs", 1, 1)]


def test_unwritable_alone_refuses_everything() -> None:
    """A tensor cannot be written, whatever stands there."""
    kind = OneOf((Unwritable(what="Tensor"),))
    with pytest.raises(PydanticCustomError, match=r"^Input should be a `Tensor`, which a spec cannot write$"):
        kind.check(1.0)


def test_json_schema_is_flat() -> None:
    """All kinds share one schema, with one keyword for each kind, so that an editor shows one message."""
    kind = OneOf((Integer(bounds=Bounds(low=1)), Items(item=OneOf((Integer(),)), lengths=(1, 2, 3)), NULL))

    assert kind.json_schema() == {
        "type": ["integer", "array", "null", "string"],
        "minimum": 1,
        "items": {"type": ["integer", "string"], "pattern": r"\$"},
        "minItems": 1,
        "maxItems": 3,
        "pattern": r"\$",
    }


def test_json_schema_of_choices_lists_them() -> None:
    """An editor completes the values; free text needs no pattern for expressions."""
    choice = Choice(values=("same", "valid"))

    assert OneOf((choice,)).json_schema() == {
        "anyOf": [{"enum": ["same", "valid"]}, {"type": ["string"], "pattern": r"\$"}]
    }
    assert OneOf((TEXT,)).json_schema() == {"type": ["string"]}
