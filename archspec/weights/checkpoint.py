"""Checkpoints: in comes a file, out go its tensors by name, once what it says of itself was found to be true."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archspec.diagnostic import quote
from archspec.errors import UsageError, WeightsError
from archspec.limits import Limits
from archspec.spec.weights import SUFFIXES
from archspec.suggest import did_you_mean

if TYPE_CHECKING:
    import torch

__all__ = ["Checkpoint", "is_file_name", "read_checkpoint"]

SAFETENSORS, *PICKLES = SUFFIXES
_BEGINNING = 512  # bytes, enough to tell what a file is

# To open a FIFO that nobody writes to would wait for ever. Windows has none, and has O_BINARY instead.
_READ = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))

_Reader = Callable[[BinaryIO, Path, Limits], "tuple[dict[str, torch.Tensor], dict[str, str]]"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checkpoint:
    """The tensors of a file. Those of safetensors, and of most others, are read from the disk when they are used.

    Attributes:
        path: the file.
        bytes: how many bytes it has.
        tensors: by the names that they have there.
        rename: the rules that turn these names into those of the model.
        key_map: names after these rules, each with that which it has in the model.
        description: what the file says of the model that it was written of.
    """

    path: Path
    bytes: int
    tensors: "Mapping[str, torch.Tensor]"
    rename: tuple[tuple[str, str], ...] = ()
    key_map: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)


def is_file_name(text: str) -> bool:
    """Whether text means a file, and not a name that a spec gives to weights: names have neither suffix nor folder."""
    return not {".", "/", os.sep}.isdisjoint(text)


def read_checkpoint(
    path: str | os.PathLike[str],
    *,
    limits: Limits,
    allow_pickle: bool,
    sha256: str = "",
    rename: tuple[tuple[str, str], ...] = (),
) -> Checkpoint:
    """Read a checkpoint; nothing in it is run.

    Args:
        path: the file; its suffix says in which format it is.
        limits: the budgets for headers and numbers of tensors.
        allow_pickle: whether files of `torch.save` are read.
        sha256: the first digits that its SHA-256 must have.
        rename: the rules that turn its names into those of the model.

    Raises:
        UsageError: there is no such file, its suffix names no format, or it would need `allow_pickle`.
        WeightsError: it cannot be read, or is not what it says it is.
        LimitFault: it has a larger header, or more tensors, than the limits allow.
    """
    file = Path(path)
    read = _reader(file, allow_pickle=allow_pickle)
    with _opened(file) as stream:
        size = os.fstat(stream.fileno()).st_size
        _check_beginning(stream.read(_BEGINNING), file)
        if sha256:
            _check_digest(stream, file, sha256)
        stream.seek(0)
        tensors, description = read(stream, file, limits)
    return Checkpoint(path=file, bytes=size, tensors=tensors, rename=rename, description=description)


def _reader(file: Path, *, allow_pickle: bool) -> _Reader:
    """What reads files with this suffix."""
    suffix, shown = file.suffix.lower(), quote(str(file))
    if suffix == SAFETENSORS:
        from archspec.weights.safetensors import read_safetensors

        return read_safetensors
    if suffix not in PICKLES:
        known = ", ".join(SUFFIXES)
        hint = did_you_mean(suffix, SUFFIXES, otherwise=f"checkpoints end in {known}")
        raise UsageError(f"the suffix of {shown} is none of a checkpoint: {hint}")
    if not allow_pickle:
        raise UsageError(
            f"{shown} is a pickle, which can hold anything; archspec takes nothing but tensors from it, and reads it"
            " with --allow-pickle, or allow_pickle=True (safetensors need neither)"
        )
    from archspec.weights.pickles import read_pickle

    return lambda stream, path, limits: (read_pickle(stream, path, limits), {})  # a pickle has no metadata


@contextmanager
def _opened(file: Path) -> Iterator[BufferedReader]:
    shown = quote(str(file))
    try:
        descriptor = os.open(file, _READ)
    except FileNotFoundError:
        hint = did_you_mean(file.name, _neighbours(file.parent))
        raise UsageError(f"there is no file {shown}{hint and f': {hint}'}") from None
    except (OSError, ValueError) as error:
        raise WeightsError(f"{shown} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise WeightsError(
                f"{shown} is {'a folder' if stat.S_ISDIR(mode) else 'no regular file'}; name a checkpoint"
            )
        with open(descriptor, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(descriptor)


def _neighbours(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError:
        return []


def _check_beginning(data: bytes, file: Path) -> None:
    """Refuse what is often saved in place of a checkpoint."""
    text = data.lstrip().lower()
    if not data:
        raise WeightsError(f"{quote(str(file))} is empty")
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise WeightsError(f"{quote(str(file))} is a web page: the download got a message in place of the checkpoint")
    if text.startswith(b"version https://git-lfs"):
        raise WeightsError(f"{quote(str(file))} is a pointer of Git LFS, not the file: fetch it with `git lfs pull`")


def _check_digest(stream: BufferedReader, file: Path, sha256: str) -> None:
    stream.seek(0)
    found = hashlib.file_digest(stream, "sha256").hexdigest()
    if not found.startswith(sha256):
        raise WeightsError(
            f"{quote(str(file))} is not the file that was published: its SHA-256 begins with {found[: len(sha256)]}"
            f" and not with {sha256}; remove it and fetch it again"
        )
