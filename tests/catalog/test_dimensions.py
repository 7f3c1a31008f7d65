"""`archspec.catalog.dimensions`: a `dim` that the input does not have is refused, though meta kernels take it."""

from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.dimensions import UNCHECKED, check_dim
from archspec.catalog.modules import torch_layers
from archspec.catalog.operations import OPERATIONS
from archspec.errors import SpecError


@pytest.mark.parametrize("name", sorted(UNCHECKED))
def test_every_name_is_one_that_pytorch_does_not_check(name: str) -> None:
    """A name that PyTorch has learned to check, or that is misspelt, does not stay in the list."""
    tensor = torch.empty((2, 3), device="meta")
    if name in torch_layers():
        layer: nn.Module = getattr(nn, name)(dim=7)
        layer(tensor)
    else:
        OPERATIONS[name].function()(tensor, dim=7)


@pytest.mark.parametrize(("shape", "dim"), [((2, 3), 2), ((2, 3), -3), ((), 1), ((), -2), ((4,), 9)])
def test_a_dimension_that_is_not_there(shape: tuple[int, ...], dim: int) -> None:
    """It is refused in the words of PyTorch's real kernels, which count a scalar as one dimension."""
    with pytest.raises(IndexError) as ours:
        check_dim("softmax", torch.empty(shape), {"dim": dim})
    with pytest.raises(IndexError) as theirs:
        torch.zeros(shape).softmax(dim)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("softmax", {"dim": 1}), ("softmax", {"dim": -2}), ("softmax", {"dim": None}), ("sort", {}), ("sum", {"dim": 9})],
)
def test_all_else_passes(name: str, arguments: dict[str, Any]) -> None:
    """Dimensions that are there, no dimension, and what PyTorch checks itself."""
    check_dim(name, torch.empty(2, 3), arguments)


@pytest.mark.parametrize("node", ["Softmax: 5", "softmax: {dim: 5}", "sort: {dim: 5}"])
def test_a_spec_with_such_a_dimension_is_refused(node: str) -> None:
    """The error names the place, as for any other layer or operation that cannot take its input."""
    with pytest.raises(SpecError, match=r"Dimension out of range|\[-2, 1\]|-2 to 1"):
        archspec.compile(f"archspec: 1\nname: Net\ninput: [N, 4]\nmodel:\n  a: {{{node}}}\n").check()
