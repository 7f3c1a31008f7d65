"""A caller's function becomes an operation: its tensors are inputs, everything else is an argument."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, Optional

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from archspec.catalog.operation import MISSING, Operation
from archspec.catalog.operations import operation_of, sole_operation_argument

X = torch.arange(6.0).reshape(2, 3)


def scale(x: Tensor, factor: float = 2.0) -> Tensor:
    """Scales a tensor.

    More about it.
    """
    return x * factor


def drop_path(x: Tensor, p: float, *, training: bool = True) -> Tensor:
    """Has `training`."""
    return x * p if training else x


def mixed(x: Tensor, dim: int, index: Tensor, mask: Tensor | None = None) -> Tensor:
    """Has an argument between its tensors."""
    picked = x.index_select(dim, index)
    return picked if mask is None else picked * mask


def bare(x, y, k=3, *, mode: Literal["a", "b"] = "a"):  # noqa: ANN001, ANN201 - without hints is what it is about
    """Has no hints."""
    return x + y * k if mode == "a" else x


def joined(*tensors: Tensor, dim: int = 0) -> Tensor:
    """Takes any number of tensors."""
    return torch.cat(tensors, dim)


def stacked(tensors: list[Tensor], dim: int = 0) -> Tensor:
    """Takes a list of tensors."""
    return torch.stack(tensors, dim)


def optional(x: Tensor, y: Optional[nn.Parameter] = None) -> Tensor:  # noqa: UP045 - the older way to write it
    """Takes a tensor that may be left out."""
    return x if y is None else x + y


def axes(x: Tensor, **sizes: int) -> Tensor:
    """Takes any further arguments."""
    return x.reshape(*sizes.values())


def described(operation: Operation) -> tuple[object, ...]:
    """What the tests compare of an operation."""
    return (
        operation.tensors,
        operation.required_tensors,
        operation.variadic,
        [(item.name, item.type, item.default) for item in operation.arguments.values()],
        operation.call,
    )


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (scale, (("x",), 1, False, [("factor", "float", 2.0)], "function")),
        (drop_path, (("x",), 1, False, [("p", "float", MISSING)], "training")),
        (mixed, (("x", "index", "mask"), 2, False, [("dim", "int", MISSING)], "keyword")),
        (bare, (("x", "y"), 2, False, [("k", "", 3), ("mode", "Literal['a', 'b']", "a")], "function")),
        (joined, (("tensors",), 1, True, [("dim", "int", 0)], "function")),
        (stacked, (("tensors",), 1, True, [("dim", "int", 0)], "list")),
        (optional, (("x", "y"), 1, False, [], "function")),
        (axes, (("x",), 1, False, [], "function")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_signature_tells_tensors_from_arguments(
    function: Callable[..., object], expected: tuple[object, ...]
) -> None:
    """Hints decide; without hints, what stands before the first default is a tensor."""
    assert described(operation_of(function)) == expected


@pytest.mark.parametrize(
    ("function", "tensors", "arguments", "expected"),
    [
        (scale, (X,), {"factor": 3.0}, X * 3),
        (drop_path, (X,), {"p": 0.5}, X),
        (drop_path, (X,), {"p": 0.5, "training": True}, X * 0.5),
        (mixed, (X, torch.tensor([2, 0])), {"dim": 1}, X[:, [2, 0]]),
        (mixed, (X, torch.tensor([0]), torch.tensor(2.0)), {"dim": 0}, X[:1] * 2),
        (bare, (X, X), {"k": 1}, X * 2),
        (joined, (X, X, X), {"dim": 1}, torch.cat([X, X, X], 1)),
        (stacked, (X, X), {}, torch.stack([X, X])),
        (optional, (X,), {}, X),
        (axes, (X,), {"a": 3, "b": 2}, X.reshape(3, 2)),
    ],
)
def test_the_function_is_called_as_it_wants_to_be(
    function: Callable[..., object], tensors: tuple[Tensor, ...], arguments: dict[str, Any], expected: Tensor
) -> None:
    """Whatever its signature, the operation is `f(*tensors, **arguments)` to the compiler."""
    found = operation_of(function).function()(*tensors, **arguments)
    assert isinstance(found, Tensor)
    assert torch.equal(found, expected)


def test_names_and_help() -> None:
    """An operation is called as registered, knows where its function is from, and has its first line of help."""
    operation = operation_of(scale, "times")
    assert (operation.name, operation_of(scale).name) == ("times", "scale")
    assert operation.target == f"{__name__}.scale"
    assert operation.doc == "Scales a tensor."
    assert operation_of(lambda x: x).doc == ""
    assert operation_of(partial(scale, factor=3.0)).name == "scale"
    assert sole_operation_argument(operation) == "factor"


def test_arguments_are_checked_by_their_hints() -> None:
    """A wrong value for a caller's function is one error with its place, as for torch's own."""
    with pytest.raises(ValidationError) as caught:
        operation_of(bare).validate({"mode": "c", "k": "anything"})
    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [
        (("mode",), "Input should be one of `a`, `b`")
    ]
    assert operation_of(axes).validate({"a": 3}) == {"a": 3}
    with pytest.raises(ValidationError):
        operation_of(axes).validate({"a": "three"})


def test_arguments_may_have_the_names_of_pydantic() -> None:
    """A function's parameter may be called what a Pydantic model has for itself."""

    def copy(x: Tensor, *, model_fields: int, json: int) -> Tensor:
        return x + model_fields + json

    operation = operation_of(copy)
    assert operation.validate({"json": 1, "model_fields": 2}) == {"json": 1, "model_fields": 2}
    assert list(operation.model.model_json_schema()["properties"]) == ["model_fields", "json"]


def test_a_hint_that_cannot_be_evaluated_is_no_obstacle() -> None:
    """A hint whose names exist only for the type checker is read as text."""

    def late(x: torch.Tensor, y: "Missing | Tensor", mode: "Missing" = None) -> Tensor:  # type: ignore[name-defined]  # noqa: ARG001, F821
        return x + y

    operation = operation_of(late)
    assert (operation.tensors, list(operation.arguments)) == (("x", "y"), ["mode"])
    assert operation.validate({"mode": "anything"}) == {"mode": "anything"}


def size_first(size: int, x: Tensor) -> Tensor:
    """Begins with an argument."""
    return x[:size]


def by_position_only(x: Tensor, size: int, /) -> Tensor:
    """Has an argument without a name."""
    return x[:size]


def spread(x: Tensor, *sizes: int) -> Tensor:
    """Takes any number of arguments by position."""
    return x.reshape(*sizes)


def trained(x: Tensor, size: int, y: Tensor, *, training: bool) -> Tensor:
    """Has `training`, and an argument between its tensors."""
    return x[:size] if training else y


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (size_first, r"size_first: its tensors must be its first parameters"),
        (by_position_only, r"by_position_only: `size` can be given by position only, and a spec names it"),
        (spread, r"spread: `\*sizes` are no tensors"),
        (trained, r"trained: its tensors must be its first parameters"),
    ],
)
def test_a_function_that_cannot_be_called_is_refused(function: Callable[..., object], message: str) -> None:
    """What no call can reach is an error where the function is registered, not in a spec."""
    with pytest.raises(TypeError, match=f"^{message}$"):
        operation_of(function)
