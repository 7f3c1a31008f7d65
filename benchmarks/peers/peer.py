"""What a peer is: it writes a model as its users would, and makes the module of such a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from torch import nn

from benchmarks.peers.parts import Parts

__all__ = ["NAMES", "Peer", "peer"]

# The file here that speaks for each, and the distribution that it needs.
NAMES: Mapping[str, tuple[str, str]] = {
    "torcharc": ("torcharc", "torcharc"),
    "Hydra `instantiate`": ("hydra", "hydra-core"),
    "jsonargparse": ("jsonargparse", "jsonargparse"),
    "mmengine": ("mmengine", "mmengine"),
    "confection": ("confection", "confection"),
    "Keras `model_from_json`": ("keras", "keras"),
    "ultralytics `parse_model`": ("ultralytics", "ultralytics"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One peer.

    Attributes:
        write: the text of a model, given its name and its parts.
        load: the module of a text, made on torch's current device.
        suffix: of a file with such a text.
        wires: the kinds of parts that its files can say without a Python class of ours.
        cannot: why it cannot say a model, by the model's name.
    """

    write: Callable[[str, Parts], str]
    load: Callable[[str], nn.Module]
    suffix: str = ".yaml"
    wires: frozenset[str] = frozenset()
    cannot: Mapping[str, str] = field(default_factory=dict)


def peer(name: str) -> Peer | None:
    """The peer of a name in `NAMES`; None when it is not installed."""
    module, distribution = NAMES[name]
    try:
        version(distribution)
    except PackageNotFoundError:
        return None
    made = import_module(f"benchmarks.peers.{module}").PEER
    assert isinstance(made, Peer)
    return made
