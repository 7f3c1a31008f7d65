"""Files of torch.save: tensors come out, whatever else is in them is refused before anything is made of it."""

import io
import pickle
import struct
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from archspec.errors import Fault, WeightsError
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.weights.checkpoint import read_checkpoint
from archspec.weights.pickles import LEGACY_MAGIC, LEGACY_VERSION

Write = Callable[..., Path]

STATE = {"a": torch.arange(4.0), "b": torch.tensor(3)}
FORMATS = [True, False]  # the zip archive, and what came before


def saved(value: object, *, is_zip: bool = True) -> bytes:
    """What torch.save writes."""
    stream = io.BytesIO()
    torch.save(value, stream, _use_new_zipfile_serialization=is_zip)
    return stream.getvalue()


def read(path: Path, **options: Any) -> dict[str, torch.Tensor]:
    """The tensors of a file."""
    return dict(read_checkpoint(path, allow_pickle=True, **{"limits": DEFAULT_LIMITS, **options}).tensors)


def refusal(path: Path) -> str:
    """Why a file is refused, and that it does not take long."""
    start = time.perf_counter()
    with pytest.raises(WeightsError) as caught:
        read(path)
    assert time.perf_counter() - start < 10
    head, _, reason = str(caught.value).partition("` is no checkpoint that archspec reads: it ")
    assert head == f"`{path}"
    return reason


def archive(pickled: bytes, storages: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive as torch.save lays it out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as file:
        file.writestr("net/data.pkl", pickled)
        file.writestr("net/byteorder", "little")
        for key, data in storages.items():
            file.writestr(f"net/data/{key}", data)
        file.writestr("net/version", "3\n")
    return stream.getvalue()


def tensor_pickle(*, items: int = 4, offset: int = 0, size: int = 4, stride: int = 1, view: bytes = b"") -> bytes:
    """The pickle of {"a": a tensor} with a storage called 0, as torch.save writes it, with numbers of our own.

    Old files say of each storage too what it is a view of: `view` is `N` for None.
    """
    number = struct.Struct("<i").pack
    long = items.to_bytes(9, "little")
    return b"".join(
        [
            b"\x80\x02}X\x01\x00\x00\x00a",
            b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000",
            b"X\x03\x00\x00\x00cpu\x8a\x09" + long + view + b"tQ",
            b"J" + number(offset) + b"J" + number(size) + b"\x85J" + number(stride) + b"\x85",
            b"\x89ccollections\nOrderedDict\n)RtRs.",
        ]
    )


@pytest.mark.parametrize("is_zip", FORMATS)
@pytest.mark.parametrize(
    "value",
    [
        STATE,
        OrderedDict(STATE),
        {key: nn.Parameter(tensor, requires_grad=tensor.is_floating_point()) for key, tensor in STATE.items()},
        {"half": torch.ones(3, dtype=torch.bfloat16), "empty": torch.empty(0, 3), "bool": torch.tensor([True])},
        {"turned": torch.rand(3, 2).T, "part": torch.rand(9)[3:5], "same": torch.rand(2).expand(4, 2)},
        nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).state_dict(),
        {},
    ],
    ids=["dict", "ordered", "parameters", "dtypes", "views", "state_dict", "empty"],
)
def test_tensors_come_out_as_they_were_saved(write: Write, value: dict[str, torch.Tensor], *, is_zip: bool) -> None:
    """In both formats, parameters as plain tensors."""
    found = read(write(saved(value, is_zip=is_zip)))
    assert list(found) == list(value)
    for key, tensor in value.items():
        assert torch.equal(found[key], tensor)
        assert found[key].dtype == tensor.dtype
        assert type(found[key]) is torch.Tensor
        assert not found[key].requires_grad


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        """Say what to run."""
        return (print, ("this must not run",))


@pytest.mark.parametrize("is_zip", FORMATS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (
            {"state_dict": STATE, "epoch": 3},
            "holds `state_dict`, `epoch`, and its tensors stand under `state_dict`; save that alone",
        ),
        ({**STATE, "epoch": 3}, "holds `epoch`, which are no tensors; save model.state_dict() alone"),
        ([torch.ones(1)], "holds no mapping of names to tensors"),
        ({1: torch.ones(1)}, "has keys that are no text"),
        (Evil(), "calls `__builtin__.print`, which makes no tensor; save model.state_dict() alone"),
        ({"a": Evil()}, "calls `__builtin__.print`, which makes no tensor; save model.state_dict() alone"),
        ({"a": np.float64(1)}, "calls `numpy.dtype`, which makes no tensor; save model.state_dict() alone"),
        (nn.ReLU(), "holds "),
        ({"a": {1, 2}}, "calls `__builtin__.set`, which makes no tensor; save model.state_dict() alone"),
    ],
)
def test_whatever_is_no_tensor_is_refused(
    write: Write, value: object, reason: str, *, is_zip: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in the file runs, and the message says what to save instead."""
    assert refusal(write(saved(value, is_zip=is_zip))).startswith(reason)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ({"items": 5}, "declares 20 bytes for storage `0` and stores 16"),
        ({"items": 1 << 60}, "declares 4,611,686,018,427,387,904 bytes for storage `0` and stores 16"),
        ({"size": 5}, "declares a tensor that reaches beyond its storage"),
        ({"offset": 1}, "declares a tensor that reaches beyond its storage"),
        ({"stride": 2}, "declares a tensor that reaches beyond its storage"),
        ({"offset": -1}, "is no pickle, or broken"),
        ({"stride": -1}, "is no pickle, or broken"),
    ],
)
def test_what_is_declared_must_be_stored(write: Write, numbers: dict[str, int], reason: str) -> None:
    """Otherwise memory that belongs to somebody else could be read, or more taken than the file is worth."""
    assert read(write(archive(tensor_pickle(), {"0": bytes(16)})))["a"].tolist() == [0, 0, 0, 0]
    assert refusal(write(archive(tensor_pickle(**numbers), {"0": bytes(16)}))) == reason


def test_a_storage_that_is_missing(write: Write) -> None:
    """It is told by its key."""
    assert refusal(write(archive(tensor_pickle(), {}))) == "declares 16 bytes for storage `0` and stores none"


def legacy(pickled: bytes, stored: list[tuple[int, bytes]]) -> bytes:
    """A file in the format before PyTorch 1.6."""
    parts = [pickle.dumps(value, 2) for value in (LEGACY_MAGIC, LEGACY_VERSION, {"little_endian": True})]
    keys = pickle.dumps([str(index) for index in range(len(stored))], 2)
    return b"".join([*parts, pickled, keys, *(struct.pack("<q", items) + data for items, data in stored)])


@pytest.mark.parametrize(
    ("items", "stored", "reason"),
    [
        (4, [(4, bytes(15))], "declares 16 bytes for storage `0` and stores 15"),
        (4, [(5, bytes(20))], "declares 16 bytes for storage `0` and stores 20"),
        (1 << 60, [(1 << 60, bytes(16))], "declares 4,611,686,018,427,387,904 bytes for storage `0` and stores 16"),
        (4, [(4, bytes(17))], "has more bytes than it declares"),
        (4, [], "stores other storages than it declares"),
        (4, [(4, bytes(16)), (4, bytes(16))], "stores other storages than it declares"),
    ],
)
def test_old_files_are_checked_too(write: Write, items: int, stored: list[tuple[int, bytes]], reason: str) -> None:
    """Each storage has its length in front of it, and the file ends with the last."""
    assert read(write(legacy(tensor_pickle(view=b"N"), [(4, bytes(16))])))["a"].tolist() == [0, 0, 0, 0]
    assert refusal(write(legacy(tensor_pickle(items=items, view=b"N"), stored))) == reason


@pytest.mark.parametrize("is_zip", FORMATS)
def test_a_file_that_is_cut_short_anywhere(write: Write, *, is_zip: bool) -> None:
    """No part of it is loaded."""
    whole = saved(STATE, is_zip=is_zip)
    for size in range(1, len(whole), 37):
        with pytest.raises(WeightsError):
            read(write(whole[:size]))


@pytest.mark.parametrize("is_zip", FORMATS)
def test_a_file_with_a_changed_byte(write: Write, *, is_zip: bool) -> None:
    """It is refused, or read: nothing else happens, wherever the byte stands."""
    whole = saved(STATE, is_zip=is_zip)
    for place in range(0, len(whole), 7):
        for bit in (1, 0x80):
            data = bytearray(whole)
            data[place] ^= bit
            try:
                read(write(bytes(data)))
            except (WeightsError, Fault):
                continue


@pytest.mark.parametrize(
    ("pickled", "reason"),
    [
        (b"\x80\x02}" + b"\x85" * 200_000 + b".", "holds no mapping of names to tensors"),
        (b"\x80\x02" + b"N" * 15_000_000 + b".", "has more than 1,000,000 steps"),
        (b"\x80\x02r\xff\xff\xff\xff.", "is no pickle, or broken"),
        (b"\x80\x02\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "is no pickle, or broken"),
        (b"\x80\x02X\xff\xff\xff\xff.", "is no pickle, or broken"),
        (b"\x80\x02}\x85\x85N\x87s.", "is no pickle, or broken"),
        (b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.", "holds `a`, which are no tensors; save model.state_dict() alone"),
        (b"", "is no pickle, or broken"),
    ],
    ids=["deep", "long", "memo", "bytes", "text", "key", "circle", "empty"],
)
def test_pickles_that_would_take_time_or_memory(write: Write, pickled: bytes, reason: str) -> None:
    """They are refused within seconds, and take no memory that the file does not have."""
    assert refusal(write(archive(pickled, {}))) == reason


def test_archives_that_two_programs_could_read_differently(write: Write) -> None:
    """Compressed records, which can be bombs; two records of one name; something in front."""
    good = {"0": bytes(16)}
    squeezed = archive(tensor_pickle(), good, compression=zipfile.ZIP_DEFLATED)
    assert refusal(write(squeezed)) == "has compressed records, which torch.save does not write"
    twice = io.BytesIO(archive(tensor_pickle(), good))
    with zipfile.ZipFile(twice, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("net/data.pkl", tensor_pickle())
    assert refusal(write(twice.getvalue())) == "has two records with the same name"
    in_front = b"PK\x03\x04" + archive(tensor_pickle(), good)
    assert refusal(write(in_front)) == "has something in front of the archive"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("readme.txt", "hello")
    assert refusal(write(other.getvalue())) == "is a zip archive that torch.save did not write"


def test_other_files(write: Write) -> None:
    """Text, and safetensors under another name."""
    assert refusal(write(b"hello, world")) == "is no pickle, or broken"
    assert refusal(write((2).to_bytes(8, "little") + b"{}")) == (
        "is safetensors, whatever its name says: its name should end in .safetensors"
    )


def test_the_number_of_tensors_is_bounded(write: Write) -> None:
    """By the limit that holds for safetensors too."""
    path = write(saved(STATE))
    with pytest.raises(Fault) as caught:
        read(path, limits=Limits(safetensors_tensors=1))
    assert caught.value.diagnostic.message.startswith("tensors in ")
    assert read(path, limits=Limits(safetensors_tensors=2)).keys() == STATE.keys()


def test_names_of_storages_are_texts(tmp_path: Path) -> None:
    """Tuples of tuples that share their parts take as long to compare as they have paths: two to the power of 60."""

    def nested(slot: int) -> bytes:
        put, get = b"q" + bytes([slot]), b"h" + bytes([slot])
        return b"K\x01" + put + (get + b"\x86" + put) * 60

    head = b"".join(pickle.dumps(value, protocol=2) for value in (LEGACY_MAGIC, LEGACY_VERSION, {}, {}))
    path = tmp_path / "nested.pth"
    path.write_bytes(head + b"\x80\x02](" + nested(1) + nested(2) + b"e.")
    with pytest.raises(WeightsError, match=r"stores other storages than it declares$"):
        read(path)
