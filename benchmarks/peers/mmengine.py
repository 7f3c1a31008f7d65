"""mmengine: `type` names a registered class, and a class that holds others builds them from its arguments."""

from typing import Any

from mmengine.config import Config
from mmengine.registry import Registry, build_model_from_cfg
from torch import nn

from benchmarks.peers import wiring
from benchmarks.peers.parts import Parts
from benchmarks.peers.peer import Peer
from benchmarks.peers.trees import dump, tree

__all__ = ["PEER", "load", "write"]

LAYERS = Registry("layer", build_func=build_model_from_cfg)
for _name in (
    *("Conv2d", "ReLU", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "Flatten", "Dropout", "Linear", "BatchNorm2d"),
    *("LayerNorm", "GELU", "Identity"),
):
    LAYERS.register_module(name=_name, module=getattr(nn, _name))
for _own in (wiring.Tokens, wiring.SelfAttention, wiring.First):
    LAYERS.register_module(module=_own)


@LAYERS.register_module()
class Add(wiring.Add):
    """The sum of two branches, each built from its config, as is usual there."""

    def __init__(self, branch: Any, shortcut: Any) -> None:
        """Build both."""
        super().__init__(LAYERS.build(branch), LAYERS.build(shortcut))


@LAYERS.register_module()
class Concat(wiring.Concat):
    """The input and a branch, which is built from its config."""

    def __init__(self, branch: Any) -> None:
        """Build the branch."""
        super().__init__(LAYERS.build(branch))


def write(_: str, parts: Parts) -> str:
    """A YAML file with a list of layers, `model`."""
    return dump({"model": tree(parts, lambda kind, arguments: {"type": kind, **arguments}, list)})


def load(text: str) -> nn.Module:
    """Read the text and build its layers."""
    module: nn.Module = LAYERS.build(Config.fromstring(text, ".yaml").model)
    return module


PEER = Peer(write=write, load=load)
