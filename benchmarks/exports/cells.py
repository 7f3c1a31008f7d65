"""Writes a model in one format, reads it again and compares: in comes the name of a preset, out go cells of the table.

A cell begins with what was found: `equal` (all outputs, within the tolerance of `archspec.emit.agreement`, and keys
where the format has any), `keys` (these are equal, and what the model gives was not compared), or `no` and why.
"""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

import archspec
from archspec.commands.amounts import count, memory
from archspec.compiler import Compilation
from archspec.emit.fingerprint import fingerprint
from archspec.emit.formats import Written
from archspec.emit.onnx import onnx_session
from archspec.errors import ExportError
from benchmarks.exports.sample import Sample, sample, size
from benchmarks.measure import environment

__all__ = ["FORMATS", "MEMORY", "measure"]

ELSEWHERE = Path(__file__).with_name("elsewhere.py")
MEMORY = 8 << 30  # of the machine that the table is made on
# How often the weights of a model are in memory at once: its own, those of the copy, and what is between them.
COPIES = {".py": 3, ".yaml": 2, ".json": 2, ".safetensors": 2, ".pt2": 4, ".onnx": 5}
LARGEST_ONNX = 2 << 30  # bytes, of what protobuf can hold


def measure(name: str, suffixes: Sequence[str]) -> dict[str, str]:
    """The cells of a preset, by suffix; formats that it is too large for are not tried with weights."""
    compilation = archspec.compile(name)
    weights = size(compilation)
    fitting = [suffix for suffix in suffixes if _reason(weights, suffix) is None]
    subject = sample(name) if fitting else None
    return {
        suffix: _without_weights(compilation, suffix, weights)
        if subject is None or suffix not in fitting
        else _cell(subject, suffix)
        for suffix in suffixes
    }


def _reason(weights: int, suffix: str) -> str | None:
    """Why a model is not tried in a format, if it is not."""
    if suffix == ".onnx" and weights > LARGEST_ONNX:
        return "an ONNX file holds less than 2 GiB"
    needed = COPIES[suffix] * weights
    return f"takes {memory(needed)} of memory" if needed > MEMORY else None


def _cell(subject: Sample, suffix: str) -> str:
    with TemporaryDirectory() as folder:
        try:
            return FORMATS[suffix](subject, Path(folder, f"model{suffix}"))
        except ExportError as error:
            return f"no: {str(error).partition('; ')[0]}"


def _without_weights(compilation: Compilation, suffix: str, weights: int) -> str:
    """The cell of a model that is too large: a spec or a program in text has keys and shapes all the same."""
    if suffix not in {".py", ".yaml", ".json"}:
        return f"no: {_reason(weights, suffix)}"
    with TemporaryDirectory() as folder:
        return _keys(compilation, Path(folder, f"model{suffix}"))


def _keys(compilation: Compilation, path: Path) -> str:
    """On meta, what is read again has the keys, shapes and dtypes of the model."""
    start = time.process_time()
    written = compilation.export(path)
    seconds = time.process_time() - start
    if path.suffix == ".py":
        with torch.device("meta"):
            model = getattr(_loaded(path), compilation.graph.name)()
        amount = _lines(path, seconds)
    else:
        again = archspec.compile(path)
        assert fingerprint(again.graph) == fingerprint(compilation.graph)
        model, amount = again.build(device="meta"), memory(written.bytes)
    assert _entries(model) == _entries(compilation.build(device="meta"))
    return f"keys, {amount}"


def _entries(model: nn.Module) -> list[tuple[str, torch.Size, torch.dtype]]:
    return [(key, value.shape, value.dtype) for key, value in model.state_dict().items()]


def _loaded(path: Path) -> object:
    spec = importlib.util.spec_from_file_location("model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _lines(path: Path, seconds: float) -> str:
    return f"{seconds:.1f} s, {count(path.read_text(encoding='utf-8').count(chr(10)), 'line')}"


def _timed(subject: Sample, path: Path) -> tuple[Written, float]:
    start = time.process_time()
    written = subject.compilation.export(path, subject.model, static=subject.static)
    return written, time.process_time() - start


def _python(subject: Sample, path: Path) -> str:
    """`model.py` gives the same keys and, bit for bit, the same outputs in a process that has no archspec."""
    _, seconds = _timed(subject, path)
    subject.compilation.export(path.with_suffix(".safetensors"), subject.model)
    given = {"name": subject.compilation.graph.name, "inputs": [inputs for inputs, _ in subject.trials]}
    torch.save(given, path.with_name("given.pt"))
    command = [sys.executable, "-I", str(ELSEWHERE), str(path.parent)]
    subprocess.run(command, env=environment(), check=True)
    found = torch.load(path.with_name("found.pt"))
    assert found["keys"] == list(subject.model.state_dict())
    pairs = zip(found["outputs"], (expected for _, expected in subject.trials), strict=True)
    assert all(torch.equal(one, other) for given, expected in pairs for one, other in zip(given, expected, strict=True))
    return f"equal, 0, {_lines(path, seconds)}"


def _spec(subject: Sample, path: Path) -> str:
    """A concrete spec compiles to the same architecture and builds to the same numbers."""
    written, _ = _timed(subject, path)
    again = archspec.compile(path)
    assert fingerprint(again.graph) == fingerprint(subject.compilation.graph)
    weights = subject.compilation.export(path.with_suffix(".safetensors"), subject.model).path
    assert subject.difference(again.build(weights=weights).eval()) == 0
    return f"equal, 0, {memory(written.bytes)}"


def _weights(subject: Sample, path: Path) -> str:
    """Weights come back bit by bit."""
    written, _ = _timed(subject, path)
    assert subject.difference(subject.compilation.build(weights=path).eval()) == 0
    return f"equal, 0, {memory(written.bytes)}"


def _traced(subject: Sample, path: Path) -> str:
    """A traced program gives what the model gives, at sizes that it was not traced with."""
    written, seconds = _timed(subject, path)
    read = torch.export.load(path).module() if path.suffix == ".pt2" else onnx_session(path)
    difference = subject.difference(read)
    power = f"{difference:.0e}" if difference else "0"
    return f"equal, {power}, {seconds:.0f} s, {memory(written.bytes)}"


FORMATS: Mapping[str, Callable[[Sample, Path], str]] = {
    ".py": _python,
    ".yaml": _spec,
    ".json": _spec,
    ".safetensors": _weights,
    ".pt2": _traced,
    ".onnx": _traced,
}
