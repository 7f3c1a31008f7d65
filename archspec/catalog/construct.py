"""Makes a layer: in come its type and its whole argument list, out goes the `nn.Module`."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from archspec.catalog.registry import Registry

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["LayerCall", "construct"]


@dataclass(frozen=True, slots=True)
class LayerCall:
    """A layer given as an argument of another (`TransformerEncoder: {encoder_layer: …}`)."""

    type: str
    arguments: tuple[tuple[str, object], ...]


def construct(
    registry: Registry,
    type_name: str,
    arguments: Iterable[tuple[str, object]],
    device: "torch.device | str | None",
    dtype: "torch.dtype | None" = None,
) -> "nn.Module":
    """Make one layer on a device.

    Args:
        registry: where `type_name` is looked up.
        type_name: a layer of torch.nn or a registered class.
        arguments: every argument by name; a `LayerCall` among them is made first.
        device: where the parameters live; `meta` allocates nothing.
        dtype: of the parameters; None keeps PyTorch's default.

    Raises:
        LookupError: no layer is called that (a registered class that is registered no longer).
    """
    layer = registry.layer(type_name)
    if layer is None:
        raise LookupError(f"no layer is called {type_name!r}; register it before building")
    values: dict[str, Any] = {}
    for name, value in arguments:
        values[name] = (
            construct(registry, value.type, value.arguments, device, dtype) if isinstance(value, LayerCall) else value
        )
    if layer.takes_device and device is not None:
        values["device"] = device
    if layer.takes_dtype and dtype is not None:
        values["dtype"] = dtype
    if layer.is_registered:
        return _registered(layer.cls, values, device, dtype)
    return _on_meta(layer.cls, values) if str(device) == "meta" else layer.cls(**values)


def _on_meta(cls: "type[nn.Module]", values: dict[str, Any]) -> "nn.Module":
    """A layer of torch whose parameters are not filled: on meta that would change nothing, and take half the time."""
    module = _unfilled(cls)(**values)  # type: ignore[arg-type] # a class can be hashed, whatever its instances can
    module.__class__ = cls
    return module


@cache
def _unfilled(cls: "type[nn.Module]") -> "type[nn.Module]":
    """The class with a `reset_parameters` that does nothing, which its constructor then calls."""
    return type(cls.__name__, (cls,), {"reset_parameters": lambda _: None})


def _registered(
    cls: "type[nn.Module]", values: dict[str, Any], device: "torch.device | str | None", dtype: "torch.dtype | None"
) -> "nn.Module":
    """A class of the caller's need not take `device` and `dtype`, but what it makes must have them all the same."""
    import torch

    with nullcontext() if device is None else torch.device(device):
        module = cls(**values)
    return module if dtype is None else module.to(dtype=dtype)
