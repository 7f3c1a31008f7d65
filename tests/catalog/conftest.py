"""What the tests of the catalog share: running an operation for real and on meta, and comparing it with plain torch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any

import pytest
import torch
from torch import Tensor

from archspec.catalog.operations import OPERATIONS


def _run(name: str, tensors: tuple[Tensor, ...], arguments: Mapping[str, object], **call: object) -> object:
    operation = OPERATIONS[name]
    torch.manual_seed(0)
    return operation.function()(*tensors, **operation.validate(arguments), **call)


@pytest.fixture
def run_operation() -> Callable[..., Any]:
    """Run an operation by name: `(name, tensors, arguments, training=…)`."""
    return _run


@pytest.fixture
def names_of_table() -> Callable[[str], list[str]]:
    """The names that begin a line of a table, in order."""
    return lambda table: re.findall(r"^(\w+)\(", table, re.MULTILINE)


@pytest.fixture
def check_operation() -> Callable[..., None]:
    """Compare an operation with plain torch code: for real, on meta, and with all defaults written out."""

    def check(
        name: str, tensors: tuple[Tensor, ...], arguments: Mapping[str, object], expected: Callable[..., object]
    ) -> None:
        torch.manual_seed(0)
        wanted = expected(*tensors)
        operation = OPERATIONS[name]
        defaults = {
            key: item.default for key, item in operation.arguments.items() if item.default not in (None, MISSING)
        }
        _assert_equal(_run(name, tensors, arguments), wanted)
        _assert_equal(_run(name, tensors, {**defaults, **arguments}), wanted)
        on_meta = _run(name, tuple(tensor.to("meta") for tensor in tensors), arguments)
        assert _described(on_meta) == _described(wanted)

    return check


def _parts(result: object) -> tuple[Any, ...]:
    return tuple(result) if isinstance(result, tuple | list) else (result,)


def _assert_equal(found: object, wanted: object) -> None:
    assert _described(found) == _described(wanted)
    for part, other in zip(_parts(found), _parts(wanted), strict=True):
        assert torch.equal(part.nan_to_num(7e7), other.nan_to_num(7e7)), (part, other)


def _described(result: object) -> list[tuple[torch.Size, torch.dtype]]:
    return [(part.shape, part.dtype) for part in _parts(result)]
