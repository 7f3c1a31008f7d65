"""What it takes to find shapes: in comes a layer, an operation or a formula, out goes how many plain operations it is.

PyTorch has no kernel of its own on meta for many functions: it runs them as Python, of many small steps. The numbers
were measured (torch 2.14); one stands for about a third of a millisecond. What reads by an index needs no number:
`gather` and `scatter` took 0.04 ms, `index_add` with an `alpha` 0.17 ms, where `normalize` took 1.4 ms.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

__all__ = ["DEAR", "work_of_formula", "work_of_layer", "work_of_operation"]

# What a recurrent layer does with each of its parameters takes as long as so many operations.
_WORK_OF_A_CELL = 3

# So many characters of a formula take about as long as an operation.
_TEXT_OF_AN_OPERATION = 16

# What some layers and operations take beyond others.
_EXTRA = {
    name: extra
    for extra, names in {
        14: "cosine_similarity floor_divide CosineSimilarity CosineEmbeddingLoss LSTMCell",
        10: "GRUCell LPPool1d LPPool2d LPPool3d MultiheadAttention normalize scaled_dot_product_attention",
        4: "binary_cross_entropy_with_logits cross_entropy group_norm gumbel_softmax hardsigmoid hardswish hardtanh"
        " huber_loss kl_div logit pairwise_distance relu6 rms_norm selu smooth_l1_loss unfold"
        " Hardsigmoid Hardswish LocalResponseNorm MultiLabelSoftMarginLoss TripletMarginWithDistanceLoss Unfold",
        2: "affine_grid clamp elu fold instance_norm layer_norm local_response_norm logsumexp nll_loss randn_like"
        " softshrink tril triu Fold GroupNorm InstanceNorm1d InstanceNorm2d InstanceNorm3d LayerNorm RMSNorm",
        1: "BatchNorm1d BatchNorm2d BatchNorm3d",
    }.items()
    for name in names.split()
}

# The same for those that interpolate, by their `mode`.
_INTERPOLATION = {"linear": 16, "bilinear": 36, "trilinear": 90, "bicubic": 240}
_SAMPLING = {"nearest": 10, "bilinear": 50, "bicubic": 210}
_BY_MODE: dict[str, dict[str, int]] = {
    "interpolate": _INTERPOLATION,
    "Upsample": _INTERPOLATION,
    "UpsamplingBilinear2d": _INTERPOLATION,
    "grid_sample": _SAMPLING,
}
_DEFAULT_MODES = {"grid_sample": "bilinear"}

_CALL = re.compile(r"\b(\w+)\(")


DEAR = frozenset(_EXTRA) | frozenset(_BY_MODE)
"""The layers and operations that count for more than others."""


def _extra(name: str, arguments: Mapping[str, Any]) -> int:
    modes = _BY_MODE.get(name)
    if modes is None:
        return _EXTRA.get(name, 0)
    return modes.get(arguments.get("mode", _DEFAULT_MODES.get(name)), 0)


def work_of_layer(module: "nn.Module") -> int:
    """What it takes to make and run a layer: by its modules, or by the parameters of a recurrent one."""
    from torch import nn

    parameters = sum(1 for _ in module.parameters())
    if isinstance(module, nn.RNNBase):
        return 2 + _WORK_OF_A_CELL * parameters
    return parameters // 2 + sum(2 + _extra(type(part).__name__, vars(part)) for part in module.modules())


def work_of_operation(name: str, arguments: Mapping[str, Any]) -> int:
    """What it takes to run an operation with these arguments.

    >>> work_of_operation("add", {}), work_of_operation("interpolate", {"mode": "bicubic"})
    (1, 241)
    """
    return 1 + _extra(name, arguments)


def work_of_formula(text: str) -> int:
    """What it takes to run a formula: by its length and the operations that it calls, in the dearest mode it names.

    >>> work_of_formula("x + y"), work_of_formula("cosine_similarity(x, y)")
    (1, 16)
    """
    calls: list[str] = _CALL.findall(text)
    extra = sum(max([_extra(name, {}), *_modes(name, text)]) for name in calls)
    return 1 + len(text) // _TEXT_OF_AN_OPERATION + extra


def _modes(name: str, text: str) -> list[int]:
    return [extra for mode, extra in _BY_MODE.get(name, {}).items() if f'"{mode}"' in text or f"'{mode}'" in text]
