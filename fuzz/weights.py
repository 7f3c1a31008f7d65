"""Weights: in come bytes, the first of which says what the others are, out come a checkpoint's tensors or a refusal."""

import io
import runpy
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from archspec.limits import DEFAULT_LIMITS
from archspec.weights.checkpoint import Checkpoint, read_checkpoint
from archspec.weights.scan import _CALLS, ITEM_SIZES
from fuzz.verdict import Finding, judge

__all__ = ["MAX_LENGTH", "run", "seeds", "words"]

MAX_LENGTH = 4_096
ROOT = Path(__file__).parents[1]
NUMBERS = struct.pack("<8f", *[1.0] * 8)
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-weights-"))


def run(data: bytes) -> None:
    """Read a checkpoint: of safetensors, of `torch.save`, or what `torch.save` would have put around a pickle.

    Raises:
        Finding: a promise is broken, or there is more in the tensors than in the file.
    """
    if not data:
        return
    ways = (_safetensors, _as_it_is, _archived)
    path, content = ways[data[0] % len(ways)](data[1:])
    path.write_bytes(content)
    read = judge(lambda: read_checkpoint(path, limits=DEFAULT_LIMITS, allow_pickle=True))
    if read is not None:
        _check(read, len(content))


def _safetensors(data: bytes) -> tuple[Path, bytes]:
    return FOLDER / "w.safetensors", data


def _as_it_is(data: bytes) -> tuple[Path, bytes]:
    return FOLDER / "w.pth", data


def _archived(data: bytes) -> tuple[Path, bytes]:
    """An archive around a pickle, whose checksums are right."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (("data.pkl", data), ("data/0", NUMBERS), ("version", b"3\n")):
            archive.writestr(f"w/{name}", content)
    return FOLDER / "w.pth", file.getvalue()


def _check(read: Checkpoint, size: int) -> None:
    """Every number of a tensor stands in the file: reading the last one of each is enough to see."""
    for name, tensor in read.tensors.items():
        if not isinstance(name, str) or tensor.untyped_storage().nbytes() > size:
            raise Finding(f"{name!a} has more bytes than the file")
        if tensor.numel():
            tensor[(-1,) * tensor.dim()].item()


def seeds() -> Iterator[bytes]:
    """The checkpoints of the hostile tests, good ones and bad ones, as far as they are short."""
    tests = runpy.run_path(str(ROOT / "tests/hostile/test_weights.py"))
    saved = {"zip": tests["_saved"](tests["STATE"])}
    saved["old"] = tests["_saved"](tests["STATE"], _use_new_zipfile_serialization=False)
    good = {"good": tests["_safetensors"](tests["GOOD"])}
    for way, files in ((0, good | tests["SAFETENSORS"]), (1, saved | tests["LYING"]), (2, tests["PICKLED"])):
        yield from _short(way, files)
    with zipfile.ZipFile(io.BytesIO(saved["zip"])) as archive:
        yield b"\2" + archive.read(next(name for name in archive.namelist() if name.endswith("data.pkl")))


def _short(way: int, files: Mapping[str, bytes]) -> Iterator[bytes]:
    yield from (bytes([way]) + content for content in files.values() if len(content) < MAX_LENGTH)


def words() -> Iterator[bytes]:
    """What headers and pickles are made of."""
    yield from (name.replace(".", "\n").encode() for name in (*_CALLS, *ITEM_SIZES))
    yield from (b'"dtype"', b'"shape"', b'"data_offsets"', b'"__metadata__"', b'"F32"', b'"F8_E4M3"', b'"BOOL"')
    yield from (b"storage", b"module", b"cpu", b"data.pkl", b"\x80\2", b"\x80\4\x95")
    yield from (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6")
    yield from (struct.pack("<q", number) for number in (0, 1, 8, -1, 2**31, 2**62, -(2**63)))
