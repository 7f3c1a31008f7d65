"""Keras on PyTorch: the JSON that `model.to_json()` writes of a functional model, and `model_from_json`."""

import os
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from benchmarks.peers.parts import Add, Concat, Layer, Part, Parts
from benchmarks.peers.peer import Peer

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras  # it reads the variable when it is imported
from keras import layers, ops

__all__ = ["PEER", "load", "write"]

FIRST = {"data_format": "channels_first"}


@keras.saving.register_keras_serializable(package="benchmarks")
class Tokens(layers.Layer):  # type: ignore[misc] # no types are told of it
    """A map of patches as a sequence behind a learnt class token, each with its learnt position."""

    def __init__(self, patches: int, width: int, **others: Any) -> None:
        """Keep the sizes."""
        super().__init__(**others)
        self.patches, self.width = patches, width

    def build(self, _: Any) -> None:
        """Make the class token and the positions."""
        self.class_token = self.add_weight(shape=(1, 1, self.width), initializer="zeros")
        self.positions = self.add_weight(shape=(1, self.patches + 1, self.width), initializer="random_normal")

    def call(self, x: Any) -> Any:
        """N×width×H×W to N×(1 + H·W)×width."""
        tokens = ops.transpose(ops.reshape(x, (-1, self.width, self.patches)), (0, 2, 1))
        token = ops.broadcast_to(self.class_token, (ops.shape(x)[0], 1, self.width))
        return ops.concatenate([token, tokens], axis=1) + self.positions

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {**super().get_config(), "patches": self.patches, "width": self.width}


def _convolution(x: Any, *, kernel_size: int, out_channels: int, stride: int = 1, padding: int = 0, **more: Any) -> Any:
    padded = layers.ZeroPadding2D(padding, **FIRST)(x) if padding else x
    made = layers.Conv2D(out_channels, kernel_size, stride, use_bias=more.get("bias", True), **FIRST)
    return made(padded)


def _pool(x: Any, *, kernel_size: int, stride: int, padding: int = 0) -> Any:
    padded = layers.ZeroPadding2D(padding, **FIRST)(x) if padding else x
    return layers.MaxPooling2D(kernel_size, stride, **FIRST)(padded)


def _attention(x: Any, *, embed_dim: int, num_heads: int) -> Any:
    return layers.MultiHeadAttention(num_heads, embed_dim // num_heads)(x, x)


_KINDS: dict[str, Callable[..., Any]] = {
    "Conv2d": _convolution,
    "MaxPool2d": _pool,
    "SelfAttention": _attention,
    "ReLU": lambda x, **_: layers.ReLU()(x),
    "GELU": lambda x, **_: layers.Activation("gelu")(x),
    "Flatten": lambda x, **_: layers.Flatten()(x),
    "First": lambda x: x[:, 0],
    "Dropout": lambda x, p: layers.Dropout(p)(x),
    "Linear": lambda x, out_features, **_: layers.Dense(out_features)(x),
    "BatchNorm2d": lambda x, **_: layers.BatchNormalization(axis=1, epsilon=1e-5)(x),
    "LayerNorm": lambda x, eps, **_: layers.LayerNormalization(epsilon=eps)(x),
    "AvgPool2d": lambda x, kernel_size, stride: layers.AveragePooling2D(kernel_size, stride, **FIRST)(x),
    "AdaptiveAvgPool2d": lambda x, output_size: layers.AdaptiveAveragePooling2D(output_size, **FIRST)(x),
    "Tokens": lambda x, patches, width: Tokens(patches, width)(x),
}


def write(_: str, parts: Parts) -> str:
    """The JSON that Keras itself writes of the model; no parameter is allocated for it."""
    with keras.device("meta"):
        image = keras.Input((3, 224, 224))
        text: str = keras.Model(image, _chain(image, parts)).to_json(indent=1)
    return text


def _chain(x: Any, parts: Parts) -> Any:
    for part in parts:
        x = _part(x, part)
    return x


def _part(x: Any, part: Part) -> Any:
    if isinstance(part, Add):
        return layers.Add()([_chain(x, part.branch), _chain(x, part.shortcut)])
    if isinstance(part, Concat):
        return layers.Concatenate(axis=1)([x, _chain(x, part.branch)])
    assert isinstance(part, Layer)
    return _KINDS[part.kind](x, **part.arguments)


def load(text: str) -> nn.Module:
    """Make the model of the JSON on torch's current device, its parameters too."""
    with keras.device(str(torch.get_default_device())):
        module: nn.Module = keras.models.model_from_json(text)
    return module


PEER = Peer(write=write, load=load, suffix=".json", wires=frozenset({"Add", "Concat", "SelfAttention", "First"}))
