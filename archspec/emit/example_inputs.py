"""Inputs to try a model with: in comes a graph, out come the arguments of one call of its `forward`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from archspec.graph.graph import Graph, Input
from archspec.graph.types import NoneType, TensorType, TextType

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["example_inputs", "inputs_for"]

LEAST = 2  # an index of 0 or 1 is in all but the smallest table


def example_inputs(
    graph: Graph,
    sizes: Mapping[str, int] = MappingProxyType({}),
    *,
    device: "torch.device | None" = None,
    dtype: "torch.dtype | None" = None,
    varied: bool = False,
) -> tuple[object, ...]:
    """The arguments of one call, of the shapes that the model was checked with.

    Floats are random. Integers and booleans are zeros, a run-time string is its first key, and what may be left out is.

    Args:
        graph: the model.
        sizes: other sizes of named dimensions.
        device: where tensors are; by default the CPU.
        dtype: of the floating-point ones, in place of their own.
        varied: whether integers are random, below the `max` of their input; where that is not known, 0 or 1.
    """
    import torch

    where = torch.device("cpu") if device is None else device
    keys = dict(graph.choices)
    return tuple(_argument(item, sizes, keys, where, dtype, varied=varied) for item in graph.inputs)


def inputs_for(
    model: "nn.Module", graph: Graph, sizes: Mapping[str, int] = MappingProxyType({}), *, varied: bool = False
) -> tuple[object, ...]:
    """The arguments of one call of a module that was built of a graph, on its device and in its dtype.

    `sizes` and `varied` are as in `example_inputs`.
    """
    import torch

    tensors = [tensor for tensor in (*model.parameters(), *model.buffers()) if tensor.is_floating_point()]
    if not tensors:
        return example_inputs(graph, sizes, varied=varied)
    built = tensors[0].dtype  # a module that was built in another dtype than PyTorch's default has all its floats in it
    dtype = None if built == torch.get_default_dtype() else built
    return example_inputs(graph, sizes, device=tensors[0].device, dtype=dtype, varied=varied)


def _argument(  # noqa: PLR0913 - what one argument is made of
    item: Input,
    sizes: Mapping[str, int],
    keys: Mapping[str, tuple[str, ...]],
    device: "torch.device",
    dtype: "torch.dtype | None",
    *,
    varied: bool,
) -> object:
    import torch

    match item.type:
        case TensorType() as kind:
            own: torch.dtype = getattr(torch, kind.dtype)
            named = zip(item.dims, kind.shape, strict=True)
            shape = [size if name is None else sizes.get(name, size) for name, size in named]
            if own.is_floating_point:
                return torch.randn(shape, dtype=dtype or own, device=device)
            if varied:
                return torch.randint(item.max or LEAST, shape, dtype=own, device=device)
            return torch.zeros(shape, dtype=own, device=device)
        case TextType() as kind:
            return keys[kind.origin][0]
        case _ as kind:
            assert isinstance(kind, NoneType), "an input is a tensor, a string or left out"
            return None
