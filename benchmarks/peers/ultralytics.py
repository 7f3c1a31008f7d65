"""ultralytics: a row `[from, repeats, module, arguments]` for each layer, as in its `yolov8-cls-resnet50.yaml`."""

import os
from typing import Any

import yaml
from torch import nn

from benchmarks.peers.parts import Layer, Parts, positional
from benchmarks.peers.peer import Peer
from benchmarks.peers.trees import dump

os.environ.setdefault("YOLO_OFFLINE", "true")  # its import asks the network whether it is there

from ultralytics.nn.tasks import parse_model  # it reads the variable when it is imported

__all__ = ["PEER", "load", "write"]

RESNET50 = (
    [-1, 1, "ResNetLayer", [3, 64, 1, True, 1]],
    [-1, 1, "ResNetLayer", [64, 64, 1, False, 3]],
    [-1, 1, "ResNetLayer", [256, 128, 2, False, 4]],
    [-1, 1, "ResNetLayer", [512, 256, 2, False, 6]],
    [-1, 1, "ResNetLayer", [1024, 512, 2, False, 3]],
)


def write(name: str, parts: Parts) -> str:
    """A YAML file with rows under `backbone` and `head`; ResNet-50's stages are its own class `ResNetLayer`."""
    rows = [_row(part) for part in parts if isinstance(part, Layer)]
    if name == "ResNet-50":
        return dump({"activation": "torch.nn.ReLU()", "backbone": [*RESNET50], "head": rows[-3:]})
    return dump({"backbone": rows, "head": []})


def _row(part: Layer) -> list[Any]:
    return [-1, 1, f"nn.{part.kind}", positional(part)]


def load(text: str) -> nn.Module:
    """Read the text and build its rows; it gives a Sequential, and which of its outputs are to be kept."""
    module: nn.Module = parse_model(yaml.safe_load(text), ch=3, verbose=False)[0]
    return module


PEER = Peer(
    write=write,
    load=load,
    wires=frozenset({"Add"}),
    cannot={
        "ResNet-18": "its `ResNetLayer` has Bottlenecks only",
        "DenseNet-121": "loses count of the channels, which it gives to `BatchNorm2d`, behind an `nn.Conv2d`",
        "ViT-B/16": "rows have no parameter for the class token",
    },
)
