"""Inference: in comes the name of a layer, out go the arguments that its input decides, each with its dimension."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["INFERRED", "Dimension", "inferred"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of one of a layer's inputs.

    Attributes:
        input: which parameter of `forward`, from 0.
        dim: which dimension of it, -1 for the last. Inputs are batched, so channels are dimension 1.
    """

    input: int
    dim: int


_CHANNELS = Dimension(0, 1)
_FEATURES = Dimension(0, -1)

INFERRED: Mapping[str, Mapping[str, Dimension]] = MappingProxyType(
    {
        **{f"Conv{n}d": {"in_channels": _CHANNELS} for n in (1, 2, 3)},
        **{f"ConvTranspose{n}d": {"in_channels": _CHANNELS} for n in (1, 2, 3)},
        **{f"BatchNorm{n}d": {"num_features": _CHANNELS} for n in (1, 2, 3)},
        **{f"InstanceNorm{n}d": {"num_features": _CHANNELS} for n in (1, 2, 3)},
        "SyncBatchNorm": {"num_features": _CHANNELS},
        "GroupNorm": {"num_channels": _CHANNELS},
        "LayerNorm": {"normalized_shape": _FEATURES},
        "RMSNorm": {"normalized_shape": _FEATURES},
        "Linear": {"in_features": _FEATURES},
        "Bilinear": {"in1_features": _FEATURES, "in2_features": Dimension(1, -1)},
        "RNN": {"input_size": _FEATURES},
        "LSTM": {"input_size": _FEATURES},
        "GRU": {"input_size": _FEATURES},
        "RNNCell": {"input_size": _FEATURES},
        "LSTMCell": {"input_size": _FEATURES},
        "GRUCell": {"input_size": _FEATURES},
        "MultiheadAttention": {"embed_dim": _FEATURES},
        "Transformer": {"d_model": _FEATURES},
        "TransformerEncoderLayer": {"d_model": _FEATURES},
        "TransformerDecoderLayer": {"d_model": _FEATURES},
        "AdaptiveLogSoftmaxWithLoss": {"in_features": _FEATURES},
        "LinearCrossEntropyLoss": {"in_features": _FEATURES},
    }
)
"""Layer to argument to the dimension that decides it. `PReLU.num_parameters` keeps its default, as in `nn.PReLU()`."""

_NOTHING: Mapping[str, Dimension] = MappingProxyType({})


def inferred(layer_name: str) -> Mapping[str, Dimension]:
    """The arguments of a layer that inference fills when they are left out.

    >>> inferred("Linear")
    {'in_features': Dimension(input=0, dim=-1)}
    """
    return INFERRED.get(layer_name, _NOTHING)
