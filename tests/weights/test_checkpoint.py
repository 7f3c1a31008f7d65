"""Checkpoints: whatever stands in the place of one, the refusal is clean, quick, and says what to do."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from archspec.errors import Fault, UsageError, WeightsError
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.weights.checkpoint import Checkpoint, is_file_name, read_checkpoint

Write = Callable[..., Path]

GOOD = save({"a": torch.arange(4.0), "b": torch.tensor(3)})


def read(path: Path | str, **options: Any) -> Checkpoint:
    """Read a file with the default limits."""
    return read_checkpoint(path, **{"limits": DEFAULT_LIMITS, "allow_pickle": False, **options})


def refusal(path: Path, **options: Any) -> str:
    """What is said of a file, without its folder."""
    with pytest.raises(WeightsError) as caught:
        read(path, **options)
    return str(caught.value).replace(f"{path.parent}{os.sep}", "")


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    """A safetensors file with this header."""
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_tensors_by_name(write: Write) -> None:
    """And how large the file is."""
    path = write(GOOD, "net.safetensors")
    checkpoint = read(path, rename=(("a", "b"),))
    assert {name: tensor.tolist() for name, tensor in checkpoint.tensors.items()} == {"a": [0, 1, 2, 3], "b": 3}
    assert (checkpoint.path, checkpoint.bytes, checkpoint.rename) == (path, len(GOOD), (("a", "b"),))


def test_a_file_that_is_not_there(write: Write) -> None:
    """The nearest name in the folder is suggested."""
    path = write(GOOD, "resnet50.safetensors")
    with pytest.raises(UsageError) as caught:
        read(path.with_name("resnet5.safetensors"))
    wanted = path.with_name("resnet5.safetensors")
    assert str(caught.value) == f"there is no file `{wanted}`: did you mean `resnet50.safetensors`?"


def test_a_suffix_that_is_none() -> None:
    """Nothing is opened."""
    with pytest.raises(UsageError) as caught:
        read("net.safetensor")
    assert str(caught.value) == "the suffix of `net.safetensor` is none of a checkpoint: did you mean `.safetensors`?"


def test_a_pickle_without_permission() -> None:
    """Nothing is opened."""
    with pytest.raises(UsageError) as caught:
        read("net.pth")
    assert str(caught.value) == (
        "`net.pth` is a pickle, which can hold anything; archspec takes nothing but tensors from it, and reads it with"
        " --allow-pickle, or allow_pickle=True (safetensors need neither)"
    )


def test_a_folder_and_a_pipe(tmp_path: Path) -> None:
    """A pipe that nobody writes to is refused at once, and not waited for."""
    (tmp_path / "folder.safetensors").mkdir()
    os.mkfifo(tmp_path / "pipe.pth")
    assert refusal(tmp_path / "folder.safetensors") == "`folder.safetensors` is a folder; name a checkpoint"
    assert refusal(tmp_path / "pipe.pth", allow_pickle=True) == "`pipe.pth` is no regular file; name a checkpoint"


@pytest.mark.parametrize("name", ["net.safetensors", "net.pth"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\n<!DOCTYPE html><html>404", "is a web page: the download got a message in place of the checkpoint"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            "is a pointer of Git LFS, not the file: fetch it with `git lfs pull`",
        ),
    ],
)
def test_what_is_often_saved_in_place_of_a_checkpoint(write: Write, name: str, data: bytes, reason: str) -> None:
    """The message is about what it is."""
    assert refusal(write(data, name), allow_pickle=True) == f"`{name}` {reason}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (GOOD[:5], "is no safetensors file, or cut short: by its first bytes the header takes 4,798,463,180 bytes"),
        (GOOD[:50], "is no safetensors file, or cut short: by its first bytes the header takes"),
        (
            b"\xff" * 8 + b"{}",
            "by its first bytes the header takes 18,446,744,073,709,551,615 bytes, and the whole file",
        ),
        (GOOD[:-1], "is broken or cut short; safetensors says: Error while deserializing header: incomplete metadata"),
        (
            GOOD + b"x",
            "is broken or cut short; safetensors says: Error while deserializing header: incomplete metadata",
        ),
        ((5).to_bytes(8, "little") + b"hello", "is no safetensors file: its header is no JSON"),
        ((5).to_bytes(8, "little") + b"{hell", "is broken or cut short; safetensors says: "),
        (header({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 8]}}, bytes(8)), "is broken or cut short"),
        (
            header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 1 << 40]}}, bytes(8)),
            "is broken or cut short",
        ),
        (header({"a": {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)), "is broken or cut short"),
        (header({"a": {"dtype": "F32", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 8]}}, bytes(8)), "is broken"),
        (header({"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}, bytes(8)), "is broken or cut short"),
        (
            b"PK\x03\x04" + bytes(60),
            "was written by torch.save and is no safetensors file: its name should end in .pth",
        ),
    ],
)
def test_safetensors_that_are_not_what_they_say(write: Write, data: bytes, reason: str) -> None:
    """Headers that lie, and files cut short or too long, never reach a model."""
    assert reason.partition(" 4,798")[0] in refusal(write(data, "net.safetensors"))


def test_limits_of_safetensors(write: Write) -> None:
    """The header and the number of tensors are bounded, and the message says how to raise the bound."""
    path = write(GOOD, "net.safetensors")
    for limits, name in ((Limits(safetensors_tensors=1), "tensors"), (Limits(safetensors_header_bytes=9), "header")):
        with pytest.raises(Fault) as caught:
            read(path, limits=limits)
        assert caught.value.diagnostic.code == "E0801"
        assert name in caught.value.diagnostic.message
    assert read(path, limits=Limits(safetensors_tensors=2)).tensors.keys() == {"a", "b"}


def test_a_digest_is_compared(write: Write) -> None:
    """By as many digits as are known."""
    path = write(GOOD, "net.safetensors")
    digest = hashlib.sha256(GOOD).hexdigest()
    assert read(path, sha256=digest[:8]).tensors.keys() == read(path, sha256=digest).tensors.keys() == {"a", "b"}
    assert refusal(path, sha256="00112233") == (
        f"`net.safetensors` is not the file that was published: its SHA-256 begins with {digest[:8]} and not with"
        " 00112233; remove it and fetch it again"
    )


@pytest.mark.parametrize(("text", "expected"), [("IMAGENET1K_V1", False), ("a.pth", True), ("./weights", True)])
def test_files_and_names(text: str, *, expected: bool) -> None:
    """A name has neither suffix nor folder."""
    assert is_file_name(text) == expected
