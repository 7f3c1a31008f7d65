"""Writes weights: in come a module and a path, out goes its `state_dict` as safetensors, every tensor once."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from archspec._version import __version__
from archspec.diagnostic import quote
from archspec.errors import ExportError

if TYPE_CHECKING:
    from torch import nn

__all__ = ["save_weights"]


def save_weights(
    module: "nn.Module", path: Path, *, name: str, description: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write the `state_dict` of a module.

    Of keys that share one tensor (`tie:`) only the first in the alphabet is stored; the metadata says of each other key
    which one that is, as `safetensors.torch.save_model` writes and `load_model` expects.

    Args:
        module: what to write.
        path: the file, which is written over.
        name: of the model, for the metadata.
        description: what else the metadata says of it.

    Raises:
        ExportError: the module is on `meta`, its state is not made of tensors, or safetensors cannot store them.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_model

    _check_state(module)
    metadata = {"format": "pt", "archspec": __version__, "name": name, **description}
    try:
        save_model(module, str(path), metadata=metadata)
    except (RuntimeError, ValueError, SafetensorError) as error:
        raise ExportError(f"the weights cannot be written as safetensors: {error}") from error


def _check_state(module: "nn.Module") -> None:
    import torch

    for key, value in module.state_dict().items():
        if not isinstance(value, torch.Tensor):
            message = f"safetensors holds only tensors, and {quote(key)} of the state_dict is a {type(value).__name__}"
            raise ExportError(message)
        if value.is_meta:
            raise ExportError("a model on the device meta has no weights to write; build it on another device")
