"""Every format of the architectures that ship: what is written is the model, and docs/export.md says how exactly.

`UPDATE_GOLDEN=1` measures anew and writes the rows of the presets that are run into the page.
"""

import os
import re
import time
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.commands.amounts import memory
from archspec.compiler import Compilation
from archspec.elaborate.vary import checked_sizes
from archspec.emit.agreement import TOLERANCE, largest_difference, outputs
from archspec.emit.example_inputs import inputs_for
from archspec.emit.fingerprint import fingerprint
from archspec.emit.onnx import onnx_session
from archspec.errors import ExportError

PAGE = Path(__file__).parents[2] / "docs" / "export.md"
BEGIN, END = "<!-- measured: one row a preset, by tests/architectures/test_export.py -->\n", "<!-- end -->"

# Small ones of families that trace in seconds. The others are not measured yet.
PRESETS = (
    "dcgan_discriminator",
    "dcgan_generator",
    "lenet",
    "lenet5_1998",
    "mnasnet0_5",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnet18",
    "shufflenet_v2_x0_5",
    "squeezenet1_1",
    "text_classifier",
    "vae",
)

# Models that fix the batch too while they are traced: the second LSTM of one does.
FIXED = {"TextClassifier"}

pytestmark = pytest.mark.slow


def _static(compilation: Compilation) -> list[str]:
    """All named dimensions but the first, which is the batch: traced with more of them, large models take minutes."""
    names = list(checked_sizes(compilation.graph))
    return names if compilation.graph.name in FIXED else names[1:]


def _largest(compilation: Compilation, model: nn.Module, read: object) -> float:
    """How far apart the model and what was read are, at two batch sizes; at one where the model fixes it."""
    found = []
    first, checked = next(iter(checked_sizes(compilation.graph).items()))
    for batch in (checked,) if compilation.graph.name in FIXED else (2, 5):
        inputs = inputs_for(model, compilation.graph, {first: batch})
        found.append(largest_difference(outputs(model, inputs), outputs(read, inputs)))  # type: ignore[arg-type]
    return max(found)


def _traced(compilation: Compilation, model: nn.Module, path: Path) -> str:
    """The cell of a traced program."""
    start = time.perf_counter()
    try:
        written = compilation.export(path, model, static=_static(compilation))
    except ExportError as error:
        return f"no: {str(error).partition(': ')[0]}"
    seconds = time.perf_counter() - start
    read = torch.export.load(path).module() if path.suffix == ".pt2" else onnx_session(path)
    difference = _largest(compilation, model, read)
    assert difference <= TOLERANCE
    return f"equal, {_power(difference)}, {seconds:.0f} s, {memory(written.bytes)}"


def _power(difference: float) -> str:
    return "0" if difference == 0 else f"{difference:.0e}"


def _weights(compilation: Compilation, model: nn.Module, path: Path) -> str:
    """The cell of the weights, which come back bit by bit."""
    written = compilation.export(path, model)
    again = compilation.build(weights=path).eval()
    assert _largest(compilation, model, again) == 0
    return f"equal, 0, {memory(written.bytes)}"


def _spec(compilation: Compilation, model: nn.Module, path: Path) -> str:
    """The cell of a concrete spec, which compiles to the same architecture and builds to the same numbers."""
    try:
        written = compilation.export(path, model)
    except ExportError as error:
        return f"no: {str(error).partition('; ')[0]}"
    again = archspec.compile(path)
    assert fingerprint(again.graph) == fingerprint(compilation.graph)
    rebuilt = again.build()
    rebuilt.load_state_dict(model.state_dict())
    assert _largest(compilation, model, rebuilt.eval()) == 0
    return f"equal, 0, {memory(written.bytes)}"


FORMATS = {".yaml": _spec, ".json": _spec, ".safetensors": _weights, ".pt2": _traced, ".onnx": _traced}


def _verdict(cell: str) -> str:
    """What of a cell does not depend on the machine."""
    return re.split(r"[,:]", cell)[0]


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_written_is_the_model(tmp_path: Path, preset: str) -> None:
    """Each format, read again, gives what the model gives, at two batch sizes; the page says no less and no more."""
    compilation = archspec.compile(preset)
    model = compilation.build(seed=0).eval()
    cells = [write(compilation, model, tmp_path / f"model{suffix}") for suffix, write in FORMATS.items()]
    head, rows, tail = _rows(PAGE.read_text(encoding="utf-8"))
    if os.environ.get("UPDATE_GOLDEN"):
        rows[preset] = cells
        lines = [f"| {' | '.join((name, *found))} |\n" for name, found in sorted(rows.items())]
        PAGE.write_text(head + "".join(lines) + tail, encoding="utf-8")
    assert list(map(_verdict, rows[preset])) == list(map(_verdict, cells))


def test_the_page_has_the_presets_that_are_measured() -> None:
    """No row is older than its test."""
    _, rows, _ = _rows(PAGE.read_text(encoding="utf-8"))
    assert sorted(rows) == sorted(PRESETS)


def _rows(text: str) -> tuple[str, dict[str, list[str]], str]:
    """The page before the rows of its table, the rows by preset, and what follows."""
    head, _, rest = text.partition(BEGIN)
    table, _, tail = rest.partition(END)
    title, line, *rows = table.splitlines(keepends=True)
    cells = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows]
    return head + BEGIN + title + line, {name: found for name, *found in cells}, END + tail
