"""Makes a layer: in come its type and its whole argument list, out goes the `nn.Module`."""

from collections.abc import Iterable
from dataclasses import dataclass
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
    if layer.is_registered and device is not None:
        return _on_device(layer.cls, values, device, dtype)
    return layer.cls(**values)


def _on_device(
    cls: "type[nn.Module]", values: dict[str, Any], device: "torch.device | str", dtype: "torch.dtype | None"
) -> "nn.Module":
    """A class of the caller's need not take `device`, but what it makes must be there all the same."""
    import torch

    with torch.device(device):
        module = cls(**values)
    return module if dtype is None else module.to(dtype=dtype)
