"""Writes the peers' part of `docs/benchmarks.md`: in come columns, out goes Markdown."""

from collections.abc import Iterator, Sequence

from benchmarks.measure import Comparison
from benchmarks.peers.compare import FLOOR, NOT_INSTALLED, Column, peer_versions
from benchmarks.peers.peer import NAMES

__all__ = ["peer_tables"]

HEAD = """\
From the text of a file to the module, in a process that has done it before. Every peer's file, written as its users
write them, says the same layers as the others (`benchmarks/peers/`; `python -m benchmarks.peers FOLDER` writes them
there), and gives as many parameters as torchvision's model. A number is how many times torchvision's constructor a way
takes, in CPU time: the median of the rounds, and in brackets the least and the most. archspec proves every shape
besides, and fills parameters as torchvision does, which is twice in some models; the peers leave it at what the layers
do. Shapes that archspec has proved before in the process are remembered."""
DEVICES = {"meta": "On meta, where nothing is allocated", "cpu": "On the CPU, parameters filled"}


def peer_tables(columns: Sequence[Column]) -> str:
    """The text of the section, with a table for each device."""
    lines = [HEAD, ""]
    for device, title in DEVICES.items():
        of_device = [column for column in columns if column.device == device]
        lines += [f"{title}, {_rounds(of_device)} rounds:", "", *_table(of_device), ""] if of_device else []
    lines += [*_notes(columns), "", f"Versions of the peers: {peer_versions() or 'none is installed'}."]
    return "\n".join(lines)


def _rounds(columns: Sequence[Column]) -> int:
    return len(columns[0].measured.ways[FLOOR].cpu)


def _table(columns: Sequence[Column]) -> Iterator[str]:
    yield f"| way | {' | '.join(column.model for column in columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for name in (FLOOR, "archspec", *NAMES):
        yield f"| {name} | {' | '.join(_cell(column, name) for column in columns)} |"


def _cell(column: Column, name: str) -> str:
    if name in column.silent:
        return NOT_INSTALLED if column.silent[name] == NOT_INSTALLED else "cannot say it"
    if name == FLOOR:
        return f"{column.measured.ways[name].median * 1000:.3g} ms"
    mark = " †" if column.helped.get(name) else ""
    return f"{_ratio(column.measured, name)}{mark}"


def _ratio(measured: Comparison, name: str) -> str:
    pairs = zip(measured.ways[name].cpu, measured.ways[FLOOR].cpu, strict=True)
    ratios = [way / floor for way, floor in pairs]
    return f"{_digits(measured.ratio(name))} ({_digits(min(ratios))}–{_digits(max(ratios))})"  # noqa: RUF001 - a range


def _digits(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _notes(columns: Sequence[Column]) -> Iterator[str]:
    yield "- †: the file names Python classes of ours (`benchmarks/peers/wiring.py`) for what the peer has no word for:"
    yield "  sums, concatenations, attention or the class token."
    reasons = {(name, column.model): why for column in columns for name, why in column.silent.items()}
    for (name, model), why in reasons.items():
        if why != NOT_INSTALLED:
            yield f"- {name} cannot say {model}: {why}."
