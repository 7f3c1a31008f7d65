"""Files of `torch.save`: in comes an open file, out go its tensors by name, read by torch once their sizes are checked.

There are two formats: a zip archive, and before PyTorch 1.6 one pickle after the other with the numbers behind them.
"""

import io
import os
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archspec.diagnostic import escape, quote
from archspec.errors import WeightsError
from archspec.limits import Limits
from archspec.weights.scan import Declared, NotTensors, Storage, scan, state_of

if TYPE_CHECKING:
    import torch

__all__ = ["read_pickle"]

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_VERSION = 1001

_END = struct.Struct("<4s4H2IH")  # the record at the end of a zip archive
_END_MARK, _LOCATOR_MARK, _END64_MARK = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_ENCRYPTED = 1


def read_pickle(stream: BinaryIO, path: Path, limits: Limits) -> "dict[str, torch.Tensor]":
    """The tensors of a file that `torch.save` wrote of a `state_dict`.

    Raises:
        WeightsError: it holds anything else, or declares more bytes than it stores.
        LimitFault: what describes its tensors is too long, or there are too many.
    """
    is_zip = stream.read(4) == b"PK\x03\x04"
    stream.seek(0)
    try:
        declared = _in_zip(stream, path, limits) if is_zip else _in_sequence(stream, limits)
    except NotTensors as error:
        raise _refused(path, f"it {error}") from error
    except (zipfile.BadZipFile, struct.error, OSError, EOFError, TypeError, ValueError, NotImplementedError) as error:
        raise _refused(path, f"it is broken or cut short ({escape(str(error))})") from error
    limits.check("safetensors_tensors", len(declared), None, f"tensors in {quote(str(path))}")
    return _load(path, mapped=is_zip)


def _refused(path: Path, reason: str) -> WeightsError:
    return WeightsError(f"{quote(str(path))} is no checkpoint that archspec reads: {reason}")


def _load(path: Path, *, mapped: bool) -> "dict[str, torch.Tensor]":
    import torch

    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:  # whatever torch raises, the file is at fault: everything else was checked
        raise _refused(path, f"PyTorch says: {escape(str(error).partition(chr(10))[0])}") from error
    return {name: tensor.detach() for name, tensor in tensors.items()}


def _in_zip(stream: BinaryIO, path: Path, limits: Limits) -> dict[str, Declared]:
    """What an archive declares, each storage as long as its record."""
    limits.check(
        "safetensors_header_bytes", _directory_bytes(stream), None, f"bytes in the directory of {quote(str(path))}"
    )
    with zipfile.ZipFile(stream) as archive:
        records = archive.infolist()
        _check_records(records)
        index = [record for record in records if record.filename.split("/")[1:] == ["data.pkl"]]
        if len(index) != 1:
            raise NotTensors("is a zip archive that torch.save did not write")
        limits.check("safetensors_header_bytes", index[0].file_size, None, f"bytes in the index of {quote(str(path))}")
        declared = state_of(scan(io.BytesIO(archive.read(index[0]))))
    folder = index[0].filename.removesuffix("data.pkl")
    _check_stored(
        declared.values(), {record.filename.removeprefix(f"{folder}data/"): record.file_size for record in records}
    )
    return declared


def _directory_bytes(stream: BinaryIO) -> int:
    """How long an archive's list of records is: it is read whole."""
    size = stream.seek(0, os.SEEK_END)
    if size < _END.size:
        raise zipfile.BadZipFile("the end is missing")
    stream.seek(size - _END.size)
    mark, *_, length, _, _ = _END.unpack(stream.read(_END.size))
    if mark != _END_MARK:
        raise zipfile.BadZipFile("the end is missing")
    if size >= _END.size + _LOCATOR.size + _END64.size:
        stream.seek(size - _END.size - _LOCATOR.size - _END64.size)
        end64, locator = _END64.unpack(stream.read(_END64.size)), _LOCATOR.unpack(stream.read(_LOCATOR.size))
        if end64[0] == _END64_MARK and locator[0] == _LOCATOR_MARK:
            length = end64[8]
    stream.seek(0)
    return int(length)


def _check_records(records: list[zipfile.ZipInfo]) -> None:
    """Refuse archives that two programs could read differently, or that grow when they are read."""
    names = {record.filename for record in records}
    if len(names) != len(records):
        raise NotTensors("has two records with the same name")
    if min(record.header_offset for record in records) != 0:
        raise NotTensors("has something in front of the archive")
    if any(record.compress_type != zipfile.ZIP_STORED or record.flag_bits & _ENCRYPTED for record in records):
        raise NotTensors("has compressed records, which torch.save does not write")


def _check_stored(tensors: Iterable[Declared], stored: Mapping[str, int]) -> None:
    for storage in {tensor.storage for tensor in tensors}:
        if stored.get(storage.key) != storage.bytes:
            found = f"{stored[storage.key]:,}" if storage.key in stored else "none"
            raise NotTensors(f"declares {storage.bytes:,} bytes for storage {quote(storage.key)} and stores {found}")


def _in_sequence(stream: BinaryIO, limits: Limits) -> dict[str, Declared]:
    """What a file in the format before PyTorch 1.6 declares, its storages as long as the rest of the file."""
    if stream.read(9)[8:] == b"{":
        raise NotTensors("is safetensors, whatever its name says: its name should end in .safetensors")
    stream.seek(0)
    head = io.BytesIO(stream.read(limits.safetensors_header_bytes))
    if scan(head) != LEGACY_MAGIC or scan(head) != LEGACY_VERSION:
        raise NotTensors("was not written by torch.save")
    scan(head)  # the sizes of integers on the machine that wrote it
    declared = state_of(scan(head))
    keys = scan(head)
    all_storages = {tensor.storage for tensor in declared.values()}
    storages = {storage.key: storage for storage in all_storages}
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise NotTensors("stores other storages than it declares")
    if sorted(keys) != sorted(storages) or len(all_storages) != len(storages):
        raise NotTensors("stores other storages than it declares")
    stream.seek(head.tell())
    for key in keys:
        _check_length(stream, storages[key])
    if stream.read(1):
        raise NotTensors("has more bytes than it declares")
    return declared


def _check_length(stream: BinaryIO, storage: Storage) -> None:
    """Compare what stands before the numbers of a storage, and go on behind them."""
    (items,) = struct.unpack("<q", stream.read(8))
    left = os.fstat(stream.fileno()).st_size - stream.tell()
    if items != storage.items or storage.bytes > left:
        found = min(items * storage.item_size, left)
        raise NotTensors(f"declares {storage.bytes:,} bytes for storage {quote(storage.key)} and stores {found:,}")
    stream.seek(storage.bytes, os.SEEK_CUR)
