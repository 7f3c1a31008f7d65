"""jsonargparse: `class_path` names the class of each layer, whose arguments are checked by its type hints."""

from typing import Any

from jsonargparse import ArgumentParser
from torch import nn

from benchmarks.peers.parts import Parts
from benchmarks.peers.peer import Peer
from benchmarks.peers.trees import dump, tree

__all__ = ["PEER", "load", "write"]


def write(_: str, parts: Parts) -> str:
    """A YAML file with one argument, `model`."""
    return dump({"model": tree(parts, _call, lambda layers: _call("Chain", {"layers": layers}))})


def _call(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module = "torch.nn" if hasattr(nn, kind) else "benchmarks.peers.wiring"
    return {"class_path": f"{module}.{kind}", **({"init_args": arguments} if arguments else {})}


def load(text: str) -> nn.Module:
    """Parse the text for an argument of the type `nn.Module`, and make it."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--model", type=nn.Module)
    module: nn.Module = parser.instantiate_classes(parser.parse_string(text)).model
    return module


PEER = Peer(write=write, load=load)
