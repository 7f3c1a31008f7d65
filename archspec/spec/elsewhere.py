"""Names from elsewhere: in comes what other frameworks call a layer or operation, out goes how a spec has it."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["ELSEWHERE"]

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "Add": "add",
        "BatchNorm": "BatchNorm2d",
        "BatchNormalization": "BatchNorm2d",
        "Concat": "cat",
        "Concatenate": "cat",
        "Conv": "Conv2d",
        "Dense": "Linear",
        "GlobalAveragePooling2D": "AdaptiveAvgPool2d: 1",
        "GlobalAvgPool2d": "AdaptiveAvgPool2d: 1",
        "GlobalMaxPool2d": "AdaptiveMaxPool2d: 1",
        "GlobalMaxPooling2D": "AdaptiveMaxPool2d: 1",
        "LayerNormalization": "LayerNorm",
        "MultiHeadAttention": "MultiheadAttention",
        "Reshape": "reshape",
        "concat": "cat",
        "concatenate": "cat",
    }
)
"""Name to what is written in a spec; where there are several, the most usual of them."""
