"""Checkpoints of strangers: what is no mapping of tensors, or lies about itself, is refused, and nothing in it is run.

A payload that ran would leave a file called `owned`.
"""

import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

Ask = Callable[..., dict[str, Any]]

SPEC = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {fc: {Linear: {out_features: 2, bias: false}}}\n"
ONES = struct.pack("<8f", *[1.0] * 8)
GOOD = {"fc.weight": {"dtype": "F32", "shape": [2, 4], "data_offsets": [0, 32]}}


def _safetensors(header: object, data: bytes = ONES, length: int | None = None) -> bytes:
    """A file with this header, a text or what JSON makes of it, that says it is `length` bytes long."""
    text = header.encode() if isinstance(header, str) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def _entry(**other: Any) -> dict[str, Any]:
    return {"fc.weight": GOOD["fc.weight"] | other}


def _written(entry: str) -> str:
    return json.dumps(entry)[1:-1]


_TWICE = json.dumps(_entry(dtype="I32"))[:-1] + ", " + json.dumps(GOOD)[1:]
_MANY = {f"t{index}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for index in range(100_001)}

SAFETENSORS: Mapping[str, bytes] = {
    "nothing": b"",
    "less than a length": b"\x01\0\0",
    "a length and nothing else": struct.pack("<Q", 0),
    "a length of all there is": _safetensors(GOOD, length=(1 << 64) - 1),
    "a length that is negative, to C": _safetensors(GOOD, length=1 << 63),
    "a length past the end": _safetensors(GOOD, length=1 << 20),
    "a length that ends too soon": _safetensors(GOOD, length=20),
    "a length over the limit": _safetensors(json.dumps(GOOD) + " " * (17 << 20)),
    "no JSON": _safetensors("{not json"),
    "a list": _safetensors("[]"),
    "a number": _safetensors("1"),
    "lists in lists": _safetensors('{"a": ' + "[" * 1_000_000),
    "mappings in mappings": _safetensors('{"a":' * 200_000),
    "no UTF-8": struct.pack("<Q", 8) + b'{"\xff\xff":1' + ONES,
    "cut short": _safetensors(GOOD, data=ONES[:-1]),
    "more than is declared": _safetensors(GOOD, data=ONES + b"\0"),
    "a name twice": _safetensors(_TWICE),
    "no dtype": _safetensors({"fc.weight": {"shape": [2, 4], "data_offsets": [0, 32]}}),
    "a dtype that is none": _safetensors(_entry(dtype="os.system")),
    "a shape of text": _safetensors(_entry(shape=["2", "4"])),
    "a negative shape": _safetensors(_entry(shape=[-2, -4])),
    "a shape of fractions": _safetensors(_entry(shape=[2.5, 4])),
    "a shape that overflows": _safetensors(_entry(shape=[1 << 40, 1 << 40])),
    "a shape past 64 bits": _safetensors(_entry(shape=[1 << 70])),
    "a shape of more than is stored": _safetensors(_entry(shape=[1 << 30, 4])),
    "a shape of many ones": _safetensors(_entry(shape=[1] * 10_000 + [2, 4])),
    "offsets that go back": _safetensors(_entry(data_offsets=[32, 0])),
    "negative offsets": _safetensors(_entry(data_offsets=[-32, 0])),
    "offsets past the end": _safetensors(_entry(data_offsets=[1 << 40, (1 << 40) + 32])),
    "offsets past 64 bits": _safetensors(_entry(data_offsets=[0, 1 << 70])),
    "a hole": _safetensors(_entry(data_offsets=[8, 40]), data=ONES + b"\0" * 8),
    "two tensors of the same bytes": _safetensors(GOOD | {"other": GOOD["fc.weight"]}),
    "metadata that is no text": _safetensors(GOOD | {"__metadata__": {"a": 1}}),
    "more tensors than the limit": _safetensors(_MANY, data=b""),
    "a name that nobody can see": _safetensors({_written("\x1b[2J\u202e\u200b\0"): GOOD["fc.weight"]}),
    "a name that moves the cursor": _safetensors({"\x1b[2J\u202e\u200b": GOOD["fc.weight"]}),
    "a name that is a path": _safetensors({"../../etc/passwd": GOOD["fc.weight"]}),
    "a name of a megabyte": _safetensors({"x" * 1_000_000: GOOD["fc.weight"]}),
    "another shape": _safetensors(_entry(shape=[4, 2])),
    "integers": _safetensors(_entry(dtype="I32")),
    "a pickle": pickle.dumps({"fc.weight": 1}),
    "an archive": b"PK\x03\x04" + b"\0" * 100,
    "a web page": b"<!DOCTYPE html><html></html>",
}


@pytest.mark.parametrize("name", SAFETENSORS)
def test_safetensors(name: str, ask: Ask, tmp_path: Path) -> None:
    """A file that is cut short, or says of itself what is not so, is refused before memory is taken for it."""
    (tmp_path / "w.safetensors").write_bytes(SAFETENSORS[name])
    answer = ask(text=SPEC, weights=tmp_path / "w.safetensors")
    assert answer["raised"] in ("WeightsError", "LimitError"), answer
    assert [char for char in answer["text"] if not char.isprintable() and char != "\n"] == []
    assert len(answer["text"]) < 2_000


class Payload:
    """What a pickle runs when it is loaded by anything that does what pickles say."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        """Leave a trace."""
        return os.system, ("touch owned",)


def _saved(value: object, **options: Any) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


STATE = {"fc.weight": torch.ones(2, 4)}


def _archive(
    pickled: bytes, records: Mapping[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED
) -> bytes:
    """An archive as `torch.save` writes one, with this pickle in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("w/data.pkl", pickled)
        for name, data in ({"w/data/0": ONES, "w/version": b"3\n"} if records is None else records).items():
            archive.writestr(name, data)
    return file.getvalue()


def _calls(module: str, name: str, argument: str) -> bytes:
    """A pickle that calls a function, in the oldest way there is."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


_PROTO = b"\x80\x02"
_TUPLES = b"(" + b"K\x01" + b"t" + b"q\x00" + b"h\x00h\x00\x86q\x00" * 60

# Each is what stands in `data.pkl`; the names are the opcodes or the tricks.
PICKLED: Mapping[str, bytes] = {
    "os.system": _calls("os", "system", "touch owned"),
    "posix.system": _calls("posix", "system", "touch owned"),
    "builtins.eval": _calls("builtins", "eval", "__import__('os').system('touch owned')"),
    "builtins.exec": _calls("builtins", "exec", "open('owned', 'w')"),
    "subprocess": _calls("subprocess", "getoutput", "touch owned"),
    "a name with dots": _calls("torch", "os.system", "touch owned"),
    "a module of torch that reaches os": _calls("torch.serialization", "os.system", "touch owned"),
    "torch.load": _calls("torch", "load", "w.pth"),
    "torch.hub": _calls("torch.hub", "load", "x"),
    "a class of torch": _calls("torch.nn", "Linear", "x"),
    "a rebuilder with a hook": _calls("torch._utils", "_rebuild_from_type_v2", "x"),
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0btouch owned\x85R.",
    "INST": b"(S'touch owned'\nios\nsystem\n.",
    "OBJ": b"(cos\nsystem\nS'touch owned'\no.",
    "NEWOBJ": b"\x80\x02cos\nsystem\nS'touch owned'\n\x85\x81.",
    "NEWOBJ_EX": b"\x80\x04cos\nsystem\n)}\x92.",
    "EXT1": b"\x80\x02\x82\x01.",
    "PERSID": b"Pos.system\n.",
    "BINPERSID of a call": _calls("os", "system", "touch owned")[:-1] + b"Q.",
    "BUILD": b"}(S'__class__'\nS'x'\nd" + b"b.",
    "a state with a payload": pickle.dumps({"fc.weight": Payload()}, protocol=2),
    "a payload under another": pickle.dumps({"a": [{"b": Payload()}]}, protocol=4),
    "a payload behind the end": pickle.dumps({}, protocol=2) + _calls("os", "system", "touch owned"),
    "a number": pickle.dumps(1),
    "text": pickle.dumps("x"),
    "nothing": b"",
    "only the end": b".",
    "no end": pickle.dumps(STATE.keys().__len__(), protocol=2)[:-1],
    "a name that is no text": pickle.dumps({1: 2}, protocol=2),
    "a list inside itself": b"]q\x00h\x00a.",
    "a mapping inside itself": b"}q\x00X\x01\0\0\0ah\x00s.",
    "tuples that double": _TUPLES + b".",
    "tuples that double, as a name": b"}" + _TUPLES + b"K\x01s.",
    "tuples in tuples": b"K\x01" + b"\x85" * 500_000 + b".",
    "tuples in tuples, as a name": b"}K\x01" + b"\x85" * 500_000 + b"K\x01s.",
    "marks": b"(" * 1_000_000 + b".",
    "marks that are taken": b"(" * 500_000 + b"t" * 500_000 + b".",
    "steps without end": b"N0" * 2_000_000 + b".",
    "a text longer than the file": b"\x8d" + struct.pack("<Q", 1 << 62) + b"x.",
    "a frame longer than the file": b"\x80\x04\x95" + struct.pack("<Q", 1 << 62) + b"N.",
    "a number of two gigabytes": b"\x8b" + struct.pack("<i", (1 << 31) - 1) + b"\x01.",
    "a number of negative length": b"\x8b" + struct.pack("<i", -1) + b"\x01.",
    "a number of a million digits": b"L" + b"9" * 1_000_000 + b"L\n.",
    "a memo far out": b"N" + b"r" + struct.pack("<I", (1 << 32) - 1) + b".",
    "a memo that is empty": b"h\x05.",
    "an opcode that is none": b"\xff.",
    "no pickle": b"GET / HTTP/1.1\r\n\r\n",
    "names that nobody can see": b"}X\x05\0\0\0\x1b[2JaK\x01s.",
}


@pytest.mark.parametrize("name", PICKLED)
def test_pickles(name: str, ask: Ask, tmp_path: Path) -> None:
    """A pickle that asks for more than tensors is refused before anything in it is done, in either format."""
    for number, data in enumerate((_archive(PICKLED[name]), PICKLED[name])):
        path = tmp_path / f"w{number}.pth"
        path.write_bytes(data)
        answer = ask(text=SPEC, weights=path, allow_pickle=True)
        assert answer["raised"] == "WeightsError", answer
        assert [char for char in answer["text"] if not char.isprintable() and char != "\n"] == []
        assert not (tmp_path / "owned").exists()


def _storage(items: int, size: tuple[int, ...], stride: tuple[int, ...], offset: int = 0, key: str = "0") -> bytes:
    """The pickle of a state with one tensor, declared so."""

    class Rebuilt:
        def __reduce__(self) -> tuple[Any, ...]:
            from torch._utils import _rebuild_tensor_v2

            return _rebuild_tensor_v2, (Stored(), offset, size, stride, False, {})

    class Stored:
        pass

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: object) -> object:
            return ("storage", torch.FloatStorage, key, "cpu", items) if isinstance(value, Stored) else None

    file = io.BytesIO()
    Pickler(file, protocol=2).dump({"fc.weight": Rebuilt()})
    return file.getvalue()


LYING: Mapping[str, bytes] = {
    "a storage of terabytes": _archive(_storage(1 << 42, (2, 4), (4, 1))),
    "a storage past 64 bits": _archive(_storage(1 << 70, (2, 4), (4, 1))),
    "a storage of less than nothing": _archive(_storage(-8, (2, 4), (4, 1))),
    "a tensor larger than its storage": _archive(_storage(8, (1 << 20, 1 << 20), (1 << 20, 1))),
    "a tensor larger than any": _archive(_storage(8, (1 << 62, 4), (4, 1))),
    "a tensor that repeats one number": _archive(_storage(8, (1 << 40, 1 << 20), (0, 0))),
    "a tensor behind its storage": _archive(_storage(8, (2, 4), (4, 1), offset=8)),
    "a tensor before its storage": _archive(_storage(8, (2, 4), (4, 1), offset=-8)),
    "negative strides": _archive(_storage(8, (2, 4), (-4, -1), offset=7)),
    "negative sizes": _archive(_storage(8, (-2, -4), (4, 1))),
    "many dimensions": _archive(_storage(8, (1,) * 1_000, (1,) * 1_000)),
    "more sizes than strides": _archive(_storage(8, (2, 4), (1,))),
    "a storage that is not there": _archive(_storage(8, (2, 4), (4, 1), key="1")),
    "a storage elsewhere": _archive(_storage(8, (2, 4), (4, 1), key="../../secret")),
    "records that grow": _archive(_storage(8, (2, 4), (4, 1)), {"w/data/0": b"\0" * (1 << 24)}, zipfile.ZIP_DEFLATED),
    "a pickle that grows": _archive(b"(" * (1 << 24), {}, zipfile.ZIP_DEFLATED),
    "many records": _archive(_storage(8, (2, 4), (4, 1)), {f"w/data/{index}": b"" for index in range(1, 50_000)}),
    "no pickle in the archive": _archive(b"")[:-50],
    "something in front": b"#!/bin/sh\n" + _archive(_storage(8, (2, 4), (4, 1))),
    "something behind": _archive(_storage(8, (2, 4), (4, 1))) + b"x" * 100_000,
    "a whole model": _saved(torch.nn.Linear(4, 2)),
    "a whole model, in the old format": _saved(torch.nn.Linear(4, 2), _use_new_zipfile_serialization=False),
    "a tensor alone": _saved(torch.ones(2, 4)),
    "a list of tensors": _saved([torch.ones(2, 4)]),
    "a state beside other things": _saved({"epoch": 3, "state_dict": STATE}),
    "a sparse tensor": _saved({"fc.weight": torch.ones(2, 4).to_sparse()}),
    "a tensor on meta": _saved({"fc.weight": torch.ones(2, 4, device="meta")}),
    "cut short, in the old format": _saved(STATE, _use_new_zipfile_serialization=False)[:-4],
    "more than declared, in the old format": _saved(STATE, _use_new_zipfile_serialization=False) + b"\0",
}


@pytest.mark.parametrize("name", LYING)
def test_files_of_torch_that_lie(name: str, ask: Ask, tmp_path: Path) -> None:
    """What a file says of its tensors is compared with what it stores before torch makes anything of it."""
    (tmp_path / "w.pth").write_bytes(LYING[name])
    answer = ask(text=SPEC, weights=tmp_path / "w.pth", allow_pickle=True)
    assert answer["raised"] in ("WeightsError", "LimitError"), answer


@pytest.mark.parametrize(
    "data", [_saved(STATE), _saved(STATE, _use_new_zipfile_serialization=False)], ids=["zip", "old"]
)
def test_files_of_torch_that_are_good(data: bytes, ask: Ask, tmp_path: Path) -> None:
    """A state as `torch.save` writes it is taken, but only by who said that pickles may be read."""
    (tmp_path / "w.pth").write_bytes(data)
    assert "(fc): Linear" in ask(text=SPEC, weights=tmp_path / "w.pth", allow_pickle=True)["model"]
    assert ask(text=SPEC, weights=tmp_path / "w.pth")["raised"] == "UsageError"


def test_weights_that_are_no_files(ask: Ask, tmp_path: Path) -> None:
    """A FIFO is not waited for, a device is not read, and a folder is none."""
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "folder.pth").mkdir()
    (tmp_path / "zero.safetensors").symlink_to("/dev/zero")
    for name in ("pipe.safetensors", "folder.pth", "zero.safetensors"):
        answer = ask(text=SPEC, weights=tmp_path / name, allow_pickle=True)
        assert answer["raised"] == "WeightsError", answer


def test_a_huge_file(ask: Ask, tmp_path: Path) -> None:
    """A terabyte of nothing is refused by its first bytes, in each format."""
    for name in ("w.safetensors", "w.pth"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(1 << 40)
        assert ask(text=SPEC, weights=tmp_path / name, allow_pickle=True)["raised"] == "WeightsError"
