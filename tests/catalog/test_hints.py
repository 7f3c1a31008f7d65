"""`archspec.catalog.hints`: each form of a type hint becomes the kind of value it means."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Optional, Tuple, TypeVar, Union  # noqa: UP035 - hints as older code writes them

import pytest
import torch
from torch import nn

from archspec.catalog.hints import kind_of_hint

T = TypeVar("T")


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "an integer"),
        (float, "a number"),
        (bool, "true or false"),
        (str, "text"),
        (None, "null"),
        (int | None, "an integer or null"),
        (Optional[int], "an integer or null"),  # noqa: UP045
        (Union[int, Tuple[int, int]], "an integer or a list of 2 items"),  # noqa: UP006, UP007
        (int | tuple[int, ...], "an integer or a list of items"),
        (int | tuple[int], "an integer or a list of 1 item"),
        (tuple[int | None, int | None], "a list of 2 items, each an integer or null"),
        (list[float], "a list of items, each a number"),
        (list[tuple[int, str]], "a list of items, each a list of 2 items, each an integer or text"),
        (Sequence[int], "a list of items, each an integer"),
        (tuple, "a list of items, each any plain value"),
        (torch.Size, "a list of items, each an integer"),
        (Literal["a", "b"], "one of `a`, `b`"),
        (Literal["a"] | None, "`a` or null"),
        (nn.Module, "a module"),
        (nn.Linear | None, "a module"),
        (Any, "any plain value"),
        (object, "any plain value"),
        (T, "any plain value"),
        ("NotThere", "any plain value"),
        (dict[str, int], "any plain value"),
        (Mapping[str, int] | None, "any plain value"),
        (torch.Tensor | None, "null or a `Tensor`, which a spec cannot write"),
        (Callable[[int], int], "a `Callable`, which a spec cannot write"),
        (str | Callable[[int], int], "text or a `Callable`, which a spec cannot write"),
        (torch.dtype, "a `dtype`, which a spec cannot write"),
    ],
)
def test_a_hint_becomes_a_kind(hint: object, words: str) -> None:
    """The words that an error shows name what the hint allows."""
    assert str(kind_of_hint(hint)) == words
