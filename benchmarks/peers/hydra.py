"""Hydra: `_target_` names the class of each layer, and `instantiate` calls them from the inside out."""

from typing import Any

from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import nn

from benchmarks.peers.parts import Parts
from benchmarks.peers.peer import Peer
from benchmarks.peers.trees import dump, tree

__all__ = ["PEER", "load", "write"]


def write(_: str, parts: Parts) -> str:
    """A YAML file of `_target_`s."""
    return dump(tree(parts, _call, lambda layers: {"_target_": "torch.nn.Sequential", "_args_": layers}))


def _call(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module = "torch.nn" if hasattr(nn, kind) else "benchmarks.peers.wiring"
    return {"_target_": f"{module}.{kind}", **arguments}


def load(text: str) -> nn.Module:
    """Read the text and call what it names."""
    module: nn.Module = instantiate(OmegaConf.create(text))
    return module


PEER = Peer(write=write, load=load)
