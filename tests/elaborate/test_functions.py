"""The functions of expressions, compared with Python's."""

import math

import pytest
import torch

from archspec.elaborate.functions import NAMES, call
from archspec.elaborate.values import Refused
from archspec.limits import DEFAULT_LIMITS
from archspec.syntax.grammar import FUNCTIONS


def result(name: str, *arguments: object) -> object:
    """What a function gives."""
    return call(name, arguments, DEFAULT_LIMITS)


def test_every_function_that_can_be_written_is_there() -> None:
    """The grammar and the functions agree; `size` is the scope's."""
    assert NAMES | {"size"} == FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("abs", (-3,), 3),
        ("min", (3, 1.5), 1.5),
        ("min", ([3, 1],), 1),
        ("max", ("a", "b"), "b"),
        ("max", (range(5),), 4),
        ("sum", ([1, 2.5],), 3.5),
        ("sum", (range(4), 10), 16),
        ("len", ([1, 2],), 2),
        ("len", ("abc",), 3),
        ("len", ({"a": 1},), 1),
        ("len", (range(7, 0, -2),), 4),
        ("len", (range(5, 0),), 0),
        ("range", (3,), range(3)),
        ("range", (5, 1, -2), range(5, 1, -2)),
        ("enumerate", ([7, 8],), [(0, 7), (1, 8)]),
        ("enumerate", ([7], 5), [(5, 7)]),
        ("zip", ([1, 2], (3, 4), range(9)), [(1, 3, 0), (2, 4, 1)]),
        ("round", (2.5,), 2),
        ("round", (3.5,), 4),
        ("round", (2.345, 2), round(2.345, 2)),
        ("round", (1234, -2), 1200),
        ("round", (5, 400), 5),
        ("floor", (-1.5,), -2),
        ("ceil", (1.2,), 2),
        ("sqrt", (2,), math.sqrt(2)),
        ("int", (-1.9,), -1),
        ("int", (True,), 1),
        ("float", (2,), 2.0),
        ("str", (1.5,), "1.5"),
        ("str", (True,), "True"),
        ("any", ([0, 1],), True),
        ("any", ([],), False),
        ("all", ([1, "a", None],), False),
    ],
)
def test_functions_have_pythons_values(name: str, arguments: tuple[object, ...], expected: object) -> None:
    """Each function has the value and the type that Python gives."""
    assert result(name, *arguments) == expected
    assert type(result(name, *arguments)) is type(expected)


@pytest.mark.parametrize("width", [0.1, 0.25, 0.35, 0.5, 0.75, 1.0, 1.3, 1.4])
def test_round_to_is_mobilenets_rule(width: float) -> None:
    """The channels of every published width are torchvision's."""
    utils = pytest.importorskip("torchvision.models._utils")
    for channels in (16, 24, 32, 64, 96, 160, 320, 1280):
        assert result("round_to", channels * width, 8) == utils._make_divisible(channels * width, 8)


@pytest.mark.parametrize(("start", "stop", "num"), [(0, 0.2, 12), (1.5, -3, 7), (2, 2, 3), (0, 1, 1), (0, 1, 0)])
def test_linspace_is_torchs_in_double_precision(start: float, stop: float, num: int) -> None:
    """The numbers are those of `torch.linspace`, ends included."""
    expected = torch.linspace(start, stop, num, dtype=torch.float64).tolist()
    assert result("linspace", start, stop, num) == pytest.approx(expected, rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("abs", ("a",), "`abs` does not take str"),
        ("abs", (True,), "`abs` does not take bool"),
        ("min", ([],), "`min` has nothing to choose from"),
        ("min", (3,), "`min` does not take int"),
        ("max", (1, "a"), "`max` does not take str"),
        ("sum", (["a"],), "`sum` does not take str"),
        ("sum", ("ab",), "`sum` does not take str"),
        ("len", (3,), "`len` does not take int"),
        ("range", (1.5,), "`range` does not take float"),
        ("range", (0, 5, 0), "the step of `range` is 0"),
        ("enumerate", ("ab",), "`enumerate` does not take str"),
        ("zip", ([1], None), "`zip` does not take null"),
        ("round", ("a",), "`round` does not take str"),
        ("round", (1.5, 1.5), "`round` does not take float"),
        ("sqrt", (-1,), "`sqrt` takes no negative number"),
        ("int", ("12",), "`int` does not take str"),
        ("int", (1e300,), "the result is too large"),
        ("float", (True,), "`float` does not take bool"),
        ("str", ([1],), "`str` does not take list"),
        ("str", (object(),), "`str` does not take module"),
        ("round_to", (8, 0), "`round_to` takes a multiple of 1 or more"),
        ("round_to", (8, 1.5), "`round_to` does not take float"),
        ("linspace", (0, 1, -1), "`linspace` takes 0 or more numbers"),
        ("linspace", (-1e308, 1e308, 3), "the result is no finite number"),
        ("sum", ([2**62, 2**62],), "the result is too large"),
    ],
)
def test_wrong_arguments_are_refused(name: str, arguments: tuple[object, ...], reason: str) -> None:
    """The reason names the function and the kind; no exception of Python gets through."""
    with pytest.raises(Refused) as caught:
        result(name, *arguments)
    assert caught.value.reason == reason
