"""Every format of the architectures that ship: what is written is the model, and docs/export.md says how exactly.

`make exports` measures every preset and writes the table; here it is held to that, by one preset a family.
"""

import re
from pathlib import Path

import pytest
import torch

import archspec
from archspec.emit.fingerprint import fingerprint
from archspec.spec.shipped import shipped, shipped_names
from benchmarks.exports.cells import FORMATS, measure
from benchmarks.exports.sample import sample
from benchmarks.exports.table import MISSING, Rows, fill, read

PAGE = Path(__file__).parents[2] / "docs" / "export.md"
AGAIN = "write the table of docs/export.md anew: make exports"

# Small ones of families that trace in seconds: all formats. Of other families the text of the program alone, which
# takes no tracing.
TRACED = (
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
WRITTEN = tuple(name for name, item in shipped().items() if not {*item.names} & {*TRACED})


@pytest.fixture(scope="module")
def rows() -> Rows:
    """The table."""
    return read(PAGE.read_text(encoding="utf-8"))


def _verdict(cell: str) -> str:
    """What of a cell does not depend on the machine."""
    return re.split(r"[,:]", cell)[0]


def _check(rows: Rows, name: str, suffixes: tuple[str, ...]) -> None:
    (said,) = [cells for names, cells in rows.items() if name in names]
    found = measure(name, suffixes)
    assert {suffix: _verdict(said[suffix]) for suffix in suffixes} == {
        key: _verdict(cell) for key, cell in found.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", TRACED)
def test_what_is_written_is_the_model(rows: Rows, name: str) -> None:
    """Each format, read again, gives what the model gives, at two batch sizes; the page says no less and no more."""
    _check(rows, name, tuple(FORMATS))


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITTEN)
def test_the_program_in_text_is_the_model(rows: Rows, name: str) -> None:
    """At full size, where archspec cannot be imported, a `model.py` gives the same numbers bit for bit."""
    _check(rows, name, (".py",))


def test_the_page_has_every_preset(rows: Rows) -> None:
    """A preset that is added asks for its row, and one that is gone leaves none."""
    named = [name for names in rows for name in names]
    assert sorted(named) == sorted({*shipped_names()}), AGAIN
    assert [names for names, cells in rows.items() if ".py" not in cells] == [], AGAIN


@pytest.mark.slow
def test_names_in_one_row_are_one_architecture(rows: Rows) -> None:
    """What was measured of the first is true of the others."""
    for names in rows:
        first, *others = names
        for other in others:
            assert fingerprint(archspec.compile(other).graph) == fingerprint(archspec.compile(first).graph), AGAIN


def test_the_seconds_of_a_program_in_text(rows: Rows) -> None:
    """To write any preset as `model.py` takes less than a second beyond compiling it."""
    taken = {names: float(re.findall(r"([\d.]+) s,", cells[".py"])[0]) for names, cells in rows.items()}
    assert {names: seconds for names, seconds in taken.items() if seconds >= 1} == {}


def test_a_table_is_read_as_it_was_written() -> None:
    """Cells that are not measured yet are no cells."""
    page = PAGE.read_text(encoding="utf-8")
    some: Rows = {("b", "a"): {".py": "equal, 0"}, ("c",): dict.fromkeys(FORMATS, "no: why")}
    written = fill(page, some)
    assert read(written) == some
    assert f"| b, a | equal, 0 | {MISSING} |" in written
    assert fill(written, read(page)) == fill(page, read(page))


@pytest.mark.slow
def test_what_is_compared_depends_on_the_input() -> None:
    """The head of a new Vision Transformer is all zeros, and so is all that it gives: anything would equal that."""
    fresh = archspec.compile("vit_b_32").build(seed=0).eval()
    with torch.no_grad():
        assert not fresh(torch.randn(1, 3, 224, 224)).any()
    (_, (given,)), _ = sample("vit_b_32").trials
    assert (given[0] - given[1]).abs().amax() > 0.1 * given.std()
