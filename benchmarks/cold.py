"""Whole processes, from their start to their end: the command line, and a library that is imported to build LeNet."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import NOT_INSTALLED, Comparison, Effort, compare_processes
from benchmarks.peers.models import MODELS
from benchmarks.peers.peer import NAMES, peer
from benchmarks.section import Section, comparison_table, ratio_figures

__all__ = ["measure"]

LENET = "architectures/lenet.yaml"
IMPORT_TORCH, TYPER, BY_HAND = 'python -c "import torch"', "a minimal Typer app, --help", "by hand"
HELP, CHECK, BUILD = "archspec --help", "archspec check", "archspec build"
_HAND = "from benchmarks.handwritten.convolutional import LeNet; LeNet()"
_OURS = f"import archspec; archspec.build({LENET!r})"
_PEER = "import pathlib; from benchmarks.peers.{} import load; load(pathlib.Path({!r}).read_text())"

TEXT = """\
Files and bytecode are in the page cache. CPU time is that of the user and of the system, on all cores; memory is the
most that was resident at once (`ru_maxrss`). `archspec build` runs the model once, too, and prints its tree; the
libraries are imported by a program that builds LeNet from its file and ends. The minimal Typer app has one command and
plain help, as ours is."""


def measure(effort: Effort, peers: Sequence[str] = (*NAMES,)) -> Section:
    """The help, the command line, and the libraries."""
    comparisons = [_help(effort.times(4)), _commands(effort.times(8)), _libraries(effort.times(4), peers)]
    return Section(
        title="Whole processes",
        text=TEXT,
        figures=[figure for comparison in comparisons for figure in ratio_figures(comparison)],
        tables=[comparison_table(comparisons, with_memory=True)],
        packages=("typer", *(distribution for _, distribution in NAMES.values())),
    )


def _help(effort: Effort) -> Comparison:
    commands = {HELP: _archspec("--help"), TYPER: [sys.executable, "benchmarks/minimal.py", "--help"]}
    ways = compare_processes(commands, TYPER, effort)
    return Comparison(title="Help", floor=TYPER, ways=ways, targets={HELP: 1.3})


def _commands(effort: Effort) -> Comparison:
    commands = {
        CHECK: _archspec("check", LENET),
        BUILD: _archspec("build", LENET),
        IMPORT_TORCH: _python("import torch"),
    }
    ways = compare_processes(commands, IMPORT_TORCH, effort)
    return Comparison(title="Commands, LeNet", floor=IMPORT_TORCH, ways=ways, targets={CHECK: 1.15})


def _libraries(effort: Effort, peers: Sequence[str]) -> Comparison:
    with tempfile.TemporaryDirectory() as folder:
        commands: dict[str, Sequence[str]] = {"archspec": _python(_OURS), BY_HAND: _python(_HAND)}
        silent = {}
        for name in peers:
            program = _program(name, Path(folder))
            if program is None:
                silent[name] = NOT_INSTALLED
            else:
                commands[name] = _python(program)
        ways = compare_processes(commands, BY_HAND, effort)
    return Comparison(title="Libraries, LeNet", floor=BY_HAND, ways=ways, silent=silent)


def _program(name: str, folder: Path) -> str | None:
    """Write the file of a peer's LeNet, and the program that builds it; None where the peer is not installed."""
    found, (module, _) = peer(name), NAMES[name]
    if found is None:
        return None
    path = folder / f"{module}{found.suffix}"
    path.write_text(found.write("LeNet", MODELS["LeNet"].parts), encoding="utf-8")
    return _PEER.format(module, str(path))


def _archspec(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "archspec", *arguments]


def _python(program: str) -> list[str]:
    return [sys.executable, "-c", program]
