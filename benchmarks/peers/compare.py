"""From the text of a model to the module, beside what people would use instead: in come rounds, out go times."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import torch
from torch import nn

import archspec
from benchmarks.measure import ROOT, Comparison, compare
from benchmarks.peers.models import MODELS, Model
from benchmarks.peers.parts import classes_of_ours
from benchmarks.peers.peer import NAMES, Peer, peer

__all__ = ["FLOOR", "NOT_INSTALLED", "Column", "compare_peers", "parameters", "peer_versions"]

FLOOR = "torchvision"
NOT_INSTALLED = "not installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What came of one model on one device.

    Attributes:
        model: its name.
        device: `meta` or `cpu`.
        measured: the times of the ways that can say it.
        silent: why others cannot, by name.
        helped: the classes of ours that a way names in its file, by name.
    """

    model: str
    device: str
    measured: Comparison
    silent: Mapping[str, str]
    helped: Mapping[str, frozenset[str]]


def compare_peers(names: tuple[str, ...], device: str, rounds: int) -> list[Column]:
    """A column for each of the models, all its ways in turns."""
    peers = {name: peer(name) for name in NAMES}
    gc.collect()
    gc.freeze()  # what so many packages hold would be walked again and again, while the peers make their objects
    try:
        return [_column(name, device, rounds, peers) for name in names]
    finally:
        gc.unfreeze()


def _column(name: str, device: str, rounds: int, peers: Mapping[str, Peer | None]) -> Column:
    model, silent = MODELS[name], {}
    ways: dict[str, Callable[[], nn.Module]] = {"archspec": _archspec(model), FLOOR: model.by_hand}
    helped = {}
    for title, found in peers.items():
        if found is None:
            silent[title] = NOT_INSTALLED
        elif name in found.cannot:
            silent[title] = found.cannot[name]
        else:
            ways[title] = partial(found.load, found.write(name, model.parts))
            helped[title] = frozenset(classes_of_ours(model.parts) - found.wires)
    times = compare({title: _on(device, way) for title, way in ways.items()}, rounds)
    measured = Comparison(title=name, floor=FLOOR, target=1.0, ways=times)
    return Column(model=name, device=device, measured=measured, silent=silent, helped=helped)


def _archspec(model: Model) -> Callable[[], nn.Module]:
    text = (ROOT / "architectures" / model.spec).read_text(encoding="utf-8")
    return partial(archspec.build, text, preset=model.preset)


def _on(device: str, way: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    def run() -> nn.Module:
        with torch.device(device):
            return way()

    return run


def parameters(module: nn.Module) -> int:
    """How many numbers a model learns."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def peer_versions() -> str:
    """The versions of the peers that are installed."""
    return ", ".join(f"{item} {version(item)}" for name, (_, item) in NAMES.items() if peer(name) is not None)
