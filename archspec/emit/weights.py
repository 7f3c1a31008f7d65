"""Writes weights: in come a module and a path, out goes its `state_dict` as safetensors, every tensor once.

The format is that of https://github.com/huggingface/safetensors#format: the length of the header, the header in JSON,
the bytes of all tensors without a gap. safetensors' own writer orders tensors by name and starts them wherever the
header ends. Here they start at multiples of 64 bytes, as far as there can be no gap: a reader can use them where they
lie in the file, and PyTorch's kernels, which choose their path by alignment, compute what they compute for the model.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from archspec._version import __version__
from archspec.diagnostic import quote
from archspec.errors import ExportError

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["ALIGNMENT", "LENGTH", "save_weights"]

ALIGNMENT = 64  # bytes, of all that PyTorch allocates
LENGTH = 8  # bytes that say how long the header is

# What the format calls a dtype of PyTorch.
_DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2": "F8_E5M2",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "complex64": "C64",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint64": "U64",
    "uint32": "U32",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
}


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
    state = _checked(module)
    stored = _stored(state)
    tied = {key: first for key, first in stored.items() if key != first}
    metadata = {**tied, "format": "pt", "archspec": __version__, "name": name, **description}
    kept = [key for key in state if stored[key] == key]
    kept.sort(key=lambda key: state[key].nbytes % ALIGNMENT != 0)  # what is no multiple would shift those behind it
    with path.open("wb") as file:
        file.write(_header({key: state[key] for key in kept}, metadata))
        for key in kept:
            file.write(_bytes(state[key]))


def _checked(module: "nn.Module") -> "dict[str, torch.Tensor]":
    """The state of a module, all of it such as the format can hold."""
    import torch

    state: dict[str, Any] = module.state_dict()
    for key, value in state.items():
        if not isinstance(value, torch.Tensor):
            message = f"safetensors holds only tensors, and {quote(key)} of the state_dict is a {type(value).__name__}"
            raise ExportError(message)
        if value.is_meta:
            raise ExportError("a model on the device meta has no weights to write; build it on another device")
        if value.layout != torch.strided or _dtype(value) not in _DTYPES:
            kind = _dtype(value) if value.layout == torch.strided else str(value.layout).removeprefix("torch.")
            raise ExportError(f"safetensors has no {kind} tensors, and {quote(key)} of the state_dict is one")
    return state


def _stored(state: "Mapping[str, torch.Tensor]") -> dict[str, str]:
    """Each key with the one under which its tensor is stored.

    Raises:
        ExportError: two tensors share a part of their memory, which the format cannot say.
    """
    first: dict[object, str] = {}
    whole: dict[object, object] = {}
    for key in sorted(state):
        tensor = state[key]
        same: object = (tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype) if tensor.numel() else key
        memory: object = tensor.untyped_storage().data_ptr() if tensor.numel() else key
        first.setdefault(same, key)
        if whole.setdefault(memory, same) != same:
            other = first[whole[memory]]
            message = f"safetensors cannot say that {quote(other)} and {quote(key)} share a part of their memory"
            raise ExportError(f"{message}; clone one of them")
        whole[key] = same
    return {key: first[whole[key]] for key in state}


def _header(tensors: "Mapping[str, torch.Tensor]", metadata: Mapping[str, str]) -> bytes:
    """The header with its length before it, filled with spaces, as the format allows, to where tensors can start."""
    header: dict[str, object] = {"__metadata__": metadata}
    end = 0
    for key, tensor in tensors.items():
        start, end = end, end + tensor.nbytes
        header[key] = {"dtype": _DTYPES[_dtype(tensor)], "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(LENGTH + len(text)) % ALIGNMENT)
    return len(text).to_bytes(LENGTH, "little") + text


def _dtype(tensor: "torch.Tensor") -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _bytes(tensor: "torch.Tensor") -> memoryview:
    import torch

    plain = tensor.detach().cpu().contiguous().reshape(-1)
    return plain.view(torch.uint8).numpy().data
