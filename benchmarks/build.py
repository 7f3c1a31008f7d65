"""From the file of a model to the module, beside what people would use instead."""

import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import nn

import archspec
from archspec.elaborate import shapes
from archspec.emit import module
from archspec.spec import load
from benchmarks.measure import NOT_INSTALLED, ROOT, Comparison, Effort, compare
from benchmarks.peers.models import MODELS, Model
from benchmarks.peers.parts import classes_of_ours
from benchmarks.peers.peer import NAMES, Peer, peer
from benchmarks.section import Section, Table, digits, ratio_figures, spread

__all__ = ["Column", "measure", "table"]

FIVE = ("AlexNet", "VGG-16", "ResNet-50", "DenseNet-121", "ViT-B/16")
DEVICES = {"meta": "On meta, where nothing is allocated", "cpu": "On the CPU, with parameters filled at random"}
FLOOR, OURS = "by hand", "archspec"
AGAIN = "archspec, a second build"
FORGETFUL = "archspec, all forgotten"
WAYS = (FLOOR, "torchvision", OURS, AGAIN, FORGETFUL, *NAMES)
TARGETS: Mapping[tuple[str, str], Mapping[str, float]] = {
    ("AlexNet", "meta"): {OURS: 2.0, AGAIN: 0.6},
    ("ResNet-50", "meta"): {OURS: 2.5, AGAIN: 0.6},
    ("ViT-B/16", "meta"): {AGAIN: 0.6},
    ("AlexNet", "cpu"): {OURS: 1.03},
    ("ViT-B/16", "cpu"): {OURS: 1.03},
}

TEXT = """\
In a process that has done it before. Every peer's file, written as its users write them, says the same layers as the
others (`benchmarks/peers/`; `python -m benchmarks.peers FOLDER` writes them there) and gives as many parameters as the
model by hand. Every way but those reads its file. A number is how many times the model by hand a way takes, in CPU
time: the median of the rounds, and in brackets the least and the most.

On the CPU the model by hand fills its parameters as the spec says, which is the way of its authors: PyTorch's layers
fill them first, and all models but AlexNet once more. The peers' files have no word for that, so theirs are filled
once, and can take less. On meta there is nothing to fill, and only torchvision goes through it. archspec proves every
shape besides. What ran before in the process is remembered: what the text says, which shapes its layers give and each
`forward`. `All forgotten` parses the text, runs every distinct layer on meta and writes the `forward`s again; `a second
build` is of an object that `archspec.compile` gave before. Figures that have a target come from more rounds, in which
only their ways and the floor run, so that these are seconds apart where the machine changes its pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What came of one model on one device.

    Attributes:
        device: `meta` or `cpu`.
        measured: the times of the ways that can say it, and why others cannot.
        aimed: the times of those that have a target, in rounds without the others.
        helped: the ways whose files name classes of ours.
    """

    device: str
    measured: Comparison
    aimed: Comparison | None = None
    helped: frozenset[str]


def measure(effort: Effort, models: Sequence[str] = FIVE) -> Section:
    """Every model on every device, all its ways in turns."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # what a peer warns of is its own matter
        peers = {name: peer(name) for name in NAMES}
        columns = [_column(name, device, effort, peers, Path(folder)) for device in DEVICES for name in models]
    return Section(
        title="From a file to a module",
        text=TEXT,
        figures=[figure for column in columns if column.aimed for figure in ratio_figures(column.aimed)],
        tables=[table(device, columns) for device in DEVICES],
        packages=("torchvision", *(distribution for _, distribution in NAMES.values())),
    )


def _column(name: str, device: str, effort: Effort, peers: Mapping[str, Peer | None], folder: Path) -> Column:
    model = MODELS[name]
    silent = {title: why for title, found in peers.items() if (why := _why_silent(name, found)) is not None}
    able = {title: found for title, found in peers.items() if found is not None and title not in silent}
    runs = _without_peers(model, device)
    for number, (title, found) in enumerate(able.items()):
        path = folder / f"{number}{found.suffix}"
        path.write_text(found.write(name, model.parts), encoding="utf-8")
        runs[title] = _on(device, partial(_load, found, path))
    title = f"{name} on {device}"
    ways = compare(runs, FLOOR, effort)
    measured = Comparison(title=title, floor=FLOOR, ways=ways, silent=silent)
    aimed = None
    if targets := TARGETS.get((name, device)):
        ways = compare({way: runs[way] for way in (FLOOR, *targets)}, FLOOR, effort.times(8))
        aimed = Comparison(title=title, floor=FLOOR, ways=ways, targets=targets)
    helped = frozenset(title for title, found in able.items() if classes_of_ours(model.parts) - found.wires)
    return Column(device=device, measured=measured, aimed=aimed, helped=helped)


def _why_silent(name: str, found: Peer | None) -> str | None:
    return NOT_INSTALLED if found is None else found.cannot.get(name)


def _without_peers(model: Model, device: str) -> dict[str, Callable[[], nn.Module]]:
    ours = partial(archspec.build, ROOT / "architectures" / model.spec, preset=model.preset, device=device)
    compiled = archspec.compile(ROOT / "architectures" / model.spec, preset=model.preset)

    def forgetful() -> nn.Module:
        load._remembered.cache_clear()  # noqa: SLF001 - the last texts that `spec/load.py` has parsed
        shapes._KNOWN.clear()  # noqa: SLF001 - what `elaborate/shapes.py` remembers between builds
        module._LATEST.clear()  # noqa: SLF001 - the last classes that `emit/module.py` has made
        return ours()

    assert model.torchvision is not None
    floor = model.by_hand if device == "meta" else model.initialised
    runs = {FLOOR: _on(device, floor), "torchvision": _on(device, model.torchvision)}
    ways = runs | {OURS: ours, AGAIN: partial(compiled.build, device=device)}
    return ways | ({FORGETFUL: forgetful} if device == "meta" else {})


def _load(found: Peer, path: Path) -> nn.Module:
    return found.load(path.read_text(encoding="utf-8"))


def _on(device: str, way: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    def run() -> nn.Module:
        with torch.device(device):
            return way()

    return run


def table(device: str, columns: Sequence[Column]) -> Table:
    """A row for each way, a column for each model on this device."""
    columns = [column for column in columns if column.device == device]
    head = ("way", *(column.measured.title.removesuffix(f" on {device}") for column in columns))
    tried = {way for column in columns for way in (*column.measured.ways, *column.measured.silent)}
    ways = [way for way in WAYS if way in tried]
    rows = [(way, *(_cell(column, way) for column in columns)) for way in ways]
    return Table(head=head, rows=rows, before=f"{DEVICES[device]} {_rounds(columns)}:", notes=[*_notes(columns)])


def _rounds(columns: Sequence[Column]) -> str:
    rounds = [len(times.rounds) for column in columns for times in column.measured.ways.values()]
    return f"({min(rounds)} to {max(rounds)} rounds)"


def _cell(column: Column, way: str) -> str:
    measured = column.measured
    if way in measured.silent:
        return NOT_INSTALLED if measured.silent[way] == NOT_INSTALLED else "cannot say it"
    if way == FLOOR:
        return spread(measured.ways[way].of("cpu"))
    ratios = measured.ratios(way)
    mark = " †" if way in column.helped else ""
    return f"{digits(measured.ratio(way))} ({digits(min(ratios))} to {digits(max(ratios))}){mark}"


def _notes(columns: Sequence[Column]) -> list[str]:
    helped = "†: the file names Python classes of ours (`benchmarks/peers/wiring.py`) for what the peer has no word for"
    reasons = [
        f"{way} cannot say {column.measured.title.rpartition(' on ')[0]}: {why}."
        for column in columns
        for way, why in column.measured.silent.items()
        if why != NOT_INSTALLED
    ]
    return ([f"{helped}."] if any(column.helped for column in columns) else []) + reasons
