"""What `torch.nn`'s signatures do not say: in come a layer and an argument, out go its type, bounds and lengths.

Each table maps a layer's name to its arguments; the row `*` holds for every layer that has no line of its own.
"""

from collections.abc import Mapping
from typing import Literal, TypeVar

from archspec.catalog.kinds import Bounds, ModuleValue, Unwritable

__all__ = ["BOUNDS", "HINTS", "LENGTHS", "lookup"]

ANY_LAYER = "*"

Table = Mapping[str, Mapping[str, object]]
_Entry = TypeVar("_Entry")

_Reduction = Literal["none", "mean", "sum"]
_Activation = Literal["relu", "gelu"]
_MODULE = ModuleValue()

HINTS: Mapping[str, Mapping[str, object]] = {
    ANY_LAYER: {
        "custom_decoder": _MODULE,
        "custom_encoder": _MODULE,
        "nonlinearity": Literal["tanh", "relu"],
        "process_group": Unwritable(what="ProcessGroup"),
        "reduce": bool | None,
        "reduction": _Reduction,
        "size_average": bool | None,
    },
    # A list with None in it leaves a dimension as it is; None alone fails in forward, and so does a list of one None.
    "AdaptiveAvgPool1d": {"output_size": int | tuple[int]},
    "AdaptiveMaxPool1d": {"output_size": int | tuple[int]},
    "AdaptiveAvgPool2d": {"output_size": int | tuple[int | None, ...]},
    "AdaptiveMaxPool2d": {"output_size": int | tuple[int | None, ...]},
    "AdaptiveAvgPool3d": {"output_size": int | tuple[int | None, ...]},
    "AdaptiveMaxPool3d": {"output_size": int | tuple[int | None, ...]},
    **{f"Conv{n}d": {"padding": int | tuple[int, ...] | Literal["same", "valid"]} for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": {"padding_mode": Literal["zeros"]} for n in (1, 2, 3)},
    "EmbeddingBag": {"mode": Literal["sum", "mean", "max"]},
    "GELU": {"approximate": Literal["none", "tanh"]},
    "KLDivLoss": {"reduction": Literal["none", "mean", "sum", "batchmean"]},
    "LPPool1d": {"kernel_size": int},  # forward multiplies by it
    "LayerNorm": {"normalized_shape": int | tuple[int, ...]},
    "MultiMarginLoss": {"p": Literal[1, 2]},
    "MultiheadAttention": {
        "embed_dim": int,
        "num_heads": int,
        "dropout": float,
        "bias": bool,
        "add_bias_kv": bool,
        "add_zero_attn": bool,
        "kdim": int | None,
        "vdim": int | None,
        "batch_first": bool,
    },
    "RMSNorm": {"normalized_shape": int | tuple[int, ...]},
    "Transformer": {"activation": _Activation},
    "TransformerDecoderLayer": {"activation": _Activation},
    "TransformerEncoderLayer": {"activation": _Activation},
    "Unflatten": {"unflattened_size": tuple[int, ...]},
    "Upsample": {"mode": Literal["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear"]},
}

_POSITIVE = Bounds(low=1)
_NATURAL = Bounds(low=0)
_ABOVE_ZERO = Bounds(low=0, exclusive=True)
_SHARE = Bounds(low=0, high=1)
_STACK = Bounds(low=1, high=1_000)  # the constructor makes every layer of the stack at once
_UNBOUNDED = Bounds()

BOUNDS: Mapping[str, Mapping[str, Bounds]] = {
    ANY_LAYER: {
        "blank": _NATURAL,
        "cutoffs": _POSITIVE,
        "d_model": _POSITIVE,
        "delta": _ABOVE_ZERO,
        "dilation": _POSITIVE,
        "dim_feedforward": _POSITIVE,
        "div_value": _ABOVE_ZERO,
        "divisor_override": _POSITIVE,
        "downscale_factor": _POSITIVE,
        "dropout": _SHARE,
        "embed_dim": _POSITIVE,
        "embedding_dim": _POSITIVE,
        "eps": _NATURAL,
        "groups": _POSITIVE,
        "hidden_size": _POSITIVE,
        "in1_features": _POSITIVE,
        "in2_features": _POSITIVE,
        "in_channels": _POSITIVE,
        "in_features": _POSITIVE,
        "input_size": _POSITIVE,
        "kdim": _POSITIVE,
        "kernel_size": _POSITIVE,
        "label_smoothing": _SHARE,
        "lambd": _NATURAL,
        "layer_norm_eps": _NATURAL,
        "max_norm": _ABOVE_ZERO,
        "momentum": _SHARE,
        "n_classes": _POSITIVE,
        "nhead": _POSITIVE,
        "norm_type": _ABOVE_ZERO,
        "normalized_shape": _POSITIVE,
        "num_channels": _POSITIVE,
        "num_classes": _POSITIVE,
        "num_decoder_layers": _STACK,
        "num_embeddings": _POSITIVE,
        "num_encoder_layers": _STACK,
        "num_features": _POSITIVE,
        "num_groups": _POSITIVE,
        "num_heads": _POSITIVE,
        "num_layers": _STACK,
        "num_parameters": _POSITIVE,
        "out_channels": _POSITIVE,
        "out_features": _POSITIVE,
        "output_padding": _NATURAL,
        "output_ratio": Bounds(low=0, high=1, exclusive=True),
        "output_size": _POSITIVE,
        "p": _SHARE,
        "padding": _NATURAL,
        "proj_size": _NATURAL,
        "scale_factor": _ABOVE_ZERO,
        "size": _POSITIVE,
        "stride": _POSITIVE,
        "upscale_factor": _POSITIVE,
        "vdim": _POSITIVE,
    },
    # Negative padding crops.
    **{
        f"{name}Pad{n}d": {"padding": _UNBOUNDED}
        for name in ("Circular", "Constant", "Reflection", "Replication", "Zero")
        for n in (1, 2, 3)
    },
    "PairwiseDistance": {"p": _UNBOUNDED},
    "SmoothL1Loss": {"beta": _NATURAL},
    "Softplus": {"beta": _ABOVE_ZERO},
    "TripletMarginLoss": {"p": _UNBOUNDED},
    "Unflatten": {"unflattened_size": Bounds(low=-1)},
}

_ANY_RANK = tuple(range(1, 9))

LENGTHS: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "Fold": dict.fromkeys(("output_size", "kernel_size", "dilation", "padding", "stride"), (2,)),
    "LayerNorm": {"normalized_shape": _ANY_RANK},
    "RMSNorm": {"normalized_shape": _ANY_RANK},
    "Unflatten": {"unflattened_size": _ANY_RANK},
    "Unfold": dict.fromkeys(("kernel_size", "dilation", "padding", "stride"), (2,)),
    "Upsample": {"size": (1, 2, 3), "scale_factor": (1, 2, 3)},
}


def lookup(table: Mapping[str, Mapping[str, _Entry]], layer: str, argument: str) -> _Entry | None:
    """The line for the argument of a layer, else the line for the argument of any layer, else None.

    >>> str(lookup(BOUNDS, "Conv2d", "stride"))
    'at least 1'
    """
    own = table.get(layer, {}).get(argument)
    return own if own is not None else table.get(ANY_LAYER, {}).get(argument)
