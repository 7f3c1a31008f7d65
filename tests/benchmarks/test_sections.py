"""Every section of the benchmarks still measures: a round of something small yields its figures and rows."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import build, cold, editing, forward, growth, ready
from benchmarks.__main__ import SECTIONS
from benchmarks.measure import ROOT, Effort
from benchmarks.section import Section

ONCE = Effort(seconds=0.01, least=1, most=1)


def _rows(section: Section) -> list[str]:
    """The names of the ways, in all tables."""
    assert all(value > 0 for figure in section.figures for value in figure.values if figure.unit in {"×", "s", "ms"})
    return [str(row[1]) for table in section.tables for row in table.rows]


def test_forward_measures_each_way() -> None:
    """One model as it is; `torch.compile` is left to the run that is published."""
    section = forward.measure(ONCE, ["LeNet"], ["eager"])
    assert _rows(section)[:4] == ["archspec", "by hand", "by hand, another object", "a loop over the nodes"]
    assert [figure.what for figure in section.figures] == ["LeNet, eager: archspec"]


def test_editing_measures_each_edit() -> None:
    """Every edit finds its line in the file that ships."""
    section = editing.measure(ONCE)
    assert _rows(section) == [*editing.EDITS, editing.FLOOR]
    assert [figure.what for figure in section.figures] == [*editing.EDITS]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what a peer warns of is its own matter
def test_build_measures_each_way_on_each_device() -> None:
    """The model by hand, torchvision's, ours and those of the peers that are installed."""
    section = build.measure(ONCE, ["AlexNet"])
    assert [[str(row[0]) for row in table.rows] for table in section.tables] == [
        [way for way in build.WAYS if way != build.FORGETFUL or device == "meta"] for device in build.DEVICES
    ]
    assert len(section.figures) == 3


@pytest.mark.slow
def test_cold_measures_whole_processes() -> None:
    """The help, two commands, and a program beside the one by hand."""
    section = cold.measure(ONCE, peers=[])
    assert _rows(section) == [cold.HELP, cold.TYPER, cold.CHECK, cold.BUILD, cold.IMPORT_TORCH, "archspec", "by hand"]
    assert len(section.figures) == 2


@pytest.mark.slow
def test_ready_measures_weights_and_a_large_model() -> None:
    """Four ways to loaded and copies alone, the same four to the first output, and two commands on Llama 3."""
    section = ready.measure(ONCE)
    assert len(_rows(section)) == 5 + 4 + 3
    assert [figure.unit for figure in section.figures] == ["×"] * 4 + ["s", "GiB"] * 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_growth_measures_each_length() -> None:
    """Two lengths of each family, with the exponent between them."""
    section = growth.measure(ONCE, (10, 20))
    assert [[row[0] for row in table.rows] for table in section.tables] == [["10", "20"]] * 2
    assert len(section.figures) == 3 * 2


def test_the_page_has_every_section() -> None:
    """A section that is added asks for a run that publishes it."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert [name for name in SECTIONS if f"<!-- measured: {name} -->\n" in text] == [*SECTIONS]


@pytest.mark.slow
def test_one_section_is_measured_alone(tmp_path: Path) -> None:
    """Its text is printed and stands on the page that was named; docs/benchmarks.md stays as it is."""
    page, published = tmp_path / "page.md", ROOT / "docs" / "benchmarks.md"
    before = published.read_bytes()
    command = [sys.executable, "-m", "benchmarks", "--only", "editing", "--rounds", "1", "--output", str(page)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300)
    assert "<!-- measured: editing -->\n## After an edit\n" in page.read_text(encoding="utf-8")
    assert done.stdout.startswith("## After an edit\n")
    assert published.read_bytes() == before


def test_a_section_that_there_is_not_is_named() -> None:
    """A typing mistake says what there is, before anything is measured."""
    command = [sys.executable, "-m", "benchmarks", "--only", "forwards"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "no section is called 'forwards'; there are forward, build, ready, editing, cold, growth" in done.stderr
