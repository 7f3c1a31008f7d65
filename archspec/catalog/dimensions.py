"""Dimensions that PyTorch does not look at on meta: in come a call's name, input and arguments, out goes a refusal.

Its real kernels refuse them, so without this a model would check and then fail at its first input.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

__all__ = ["UNCHECKED", "check_dim"]

UNCHECKED = frozenset({"Softmax", "Softmin", "argsort", "gumbel_softmax", "softmax", "softmin", "sort"})
"""The layers and operations whose meta kernels take any `dim`; every one that has a `dim` was tried (torch 2.14)."""


def check_dim(name: str, tensor: "torch.Tensor | object", arguments: Mapping[str, object]) -> None:
    """Refuse a `dim` that the input does not have, in the words of PyTorch's real kernels.

    Raises:
        IndexError: the dimension is out of range.
    """
    dim = arguments.get("dim")
    if name not in UNCHECKED or not isinstance(dim, int):
        return
    rank = max(1, getattr(tensor, "ndim", 1))
    if not -rank <= dim < rank:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {dim})")
