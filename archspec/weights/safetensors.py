"""Safetensors: in comes an open file, out go its tensors by name, mapped into memory and not read yet."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archspec.diagnostic import escape, quote
from archspec.emit.weights import LENGTH
from archspec.errors import WeightsError
from archspec.limits import Limits

if TYPE_CHECKING:
    import torch

__all__ = ["read_safetensors"]


def read_safetensors(stream: BinaryIO, path: Path, limits: Limits) -> "tuple[dict[str, torch.Tensor], dict[str, str]]":
    """The tensors of a file in the format of safetensors, and what its metadata says.

    They are private to this process: what is written to them is not written to the file. The file itself must stay as
    it is for as long as they are used.

    Raises:
        WeightsError: the file is another one, or cut short, or says of its tensors what is not so.
        LimitFault: its header is too long, or there are too many tensors.
    """
    from safetensors import SafetensorError, safe_open

    _check_header(stream, path, limits)
    try:
        with safe_open(path, "pt") as file:
            metadata = dict(file.metadata() or {})
            names = list(file.keys())
            limits.check("safetensors_tensors", len(names), None, f"tensors in {quote(str(path))}")
            _refuse_repeated(stream, path)
            tensors: dict[str, torch.Tensor] = {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        reason = escape(str(error).partition("\n")[0])
        raise WeightsError(f"{quote(str(path))} is broken or cut short; safetensors says: {reason}") from error
    return tensors, metadata


def _refuse_repeated(stream: BinaryIO, path: Path) -> None:
    """Refuse a header that has a name twice: safetensors, which has read it by now, takes the last."""
    stream.seek(0)
    length = int.from_bytes(stream.read(LENGTH), "little")

    def once(pairs: list[tuple[str, object]]) -> None:
        name = next((name for name, times in Counter(name for name, _ in pairs).items() if times > 1), None)
        if name is not None:
            raise WeightsError(f"{quote(str(path))} has two tensors, or two facts of one, called {quote(name, 100)}")

    json.loads(stream.read(length), object_pairs_hook=once)


def _check_header(stream: BinaryIO, path: Path, limits: Limits) -> None:
    """Refuse a file whose header cannot be what it says, before memory is taken for it."""
    start, size = stream.read(LENGTH + 1), os.fstat(stream.fileno()).st_size
    shown = quote(str(path))
    if start.startswith((b"PK\x03\x04", b"\x80\x02")):
        raise WeightsError(f"{shown} was written by torch.save and is no safetensors file: its name should end in .pth")
    length = int.from_bytes(start[:LENGTH], "little")
    if len(start) <= LENGTH or length > size - LENGTH:
        raise WeightsError(
            f"{shown} is no safetensors file, or cut short: by its first bytes the header takes {length:,} bytes, and"
            f" the whole file has {size:,}"
        )
    if start[LENGTH:] != b"{":
        raise WeightsError(f"{shown} is no safetensors file: its header is no JSON")
    limits.check("safetensors_header_bytes", length, None, f"bytes in the header of {shown}")
