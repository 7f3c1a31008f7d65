"""What the layers and operations do that the checks ask about: in comes a name or arguments, out goes a verdict.

The names are those of `torch.nn` and of the operations table; what a caller registers is none of these, so no check
says anything of it.
"""

from collections.abc import Mapping

__all__ = [
    "ACTIVATIONS",
    "BATCH_NORMS",
    "CONVOLUTIONS",
    "DROPOUTS",
    "INSTANCE_NORMS",
    "LOSSES_OF_LOGITS",
    "POOLS",
    "PROBABILITIES",
    "TRANSPOSED",
    "is_in_place",
    "is_view",
    "rank_of",
]

CONVOLUTIONS = frozenset({"Conv1d", "Conv2d", "Conv3d", "conv1d", "conv2d", "conv3d"})
TRANSPOSED = frozenset({"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"})
BATCH_NORMS = frozenset({"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"})
INSTANCE_NORMS = frozenset({"InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "instance_norm"})

# `AlphaDropout` and its like keep the mean and the variance, so they are none of these.
DROPOUTS = frozenset(
    {"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "dropout", "dropout1d", "dropout2d", "dropout3d"}
)

# Windows that slide over an image. Those of `Unfold` do too, but it is used to cut out parts on purpose.
POOLS = frozenset(
    name.format(rank) for rank in (1, 2, 3) for name in ("MaxPool{}d", "AvgPool{}d", "max_pool{}d", "avg_pool{}d")
)

ACTIVATIONS = frozenset(
    {
        "CELU",
        "ELU",
        "GELU",
        "Hardshrink",
        "Hardsigmoid",
        "Hardswish",
        "Hardtanh",
        "LeakyReLU",
        "LogSigmoid",
        "Mish",
        "PReLU",
        "RReLU",
        "ReLU",
        "ReLU6",
        "SELU",
        "SiLU",
        "Sigmoid",
        "Softplus",
        "Softshrink",
        "Softsign",
        "Tanh",
        "Tanhshrink",
        "Threshold",
        "celu",
        "elu",
        "gelu",
        "hardshrink",
        "hardsigmoid",
        "hardswish",
        "hardtanh",
        "leaky_relu",
        "logsigmoid",
        "mish",
        "prelu",
        "relu",
        "relu6",
        "rrelu",
        "selu",
        "sigmoid",
        "silu",
        "softplus",
        "softshrink",
        "softsign",
        "tanh",
        "tanhshrink",
        "threshold",
    }
)  # fmt: skip - a word list is read in lines

# What makes probabilities, or their logarithms, of logits; with what it is in words.
PROBABILITIES: Mapping[str, str] = {
    "LogSigmoid": "a sigmoid",
    "LogSoftmax": "a softmax",
    "Sigmoid": "a sigmoid",
    "Softmax": "a softmax",
    "Softmax2d": "a softmax",
    "log_softmax": "a softmax",
    "logsigmoid": "a sigmoid",
    "sigmoid": "a sigmoid",
    "softmax": "a softmax",
}

# The losses whose first input is logits, each with what it applies to them.
LOSSES_OF_LOGITS: Mapping[str, str] = {
    "BCEWithLogitsLoss": "a sigmoid",
    "CrossEntropyLoss": "a softmax",
    "binary_cross_entropy_with_logits": "a sigmoid",
    "cross_entropy": "a softmax",
}

# The same elements in the same memory. A few of them copy what is not in order in memory; that is rare.
_VIEWS = frozenset(
    {
        "Flatten",
        "Identity",
        "Unflatten",
        "flatten",
        "movedim",
        "permute",
        "reshape",
        "squeeze",
        "swapaxes",
        "transpose",
        "unflatten",
        "unsqueeze",
        "view",
        "view_as",
    }
)  # fmt: skip - as above


def is_view(name: str) -> bool:
    """Whether what a layer or operation gives has the elements, and the memory, of its first input."""
    return name in _VIEWS


def is_in_place(arguments: Mapping[str, object]) -> bool:
    """Whether a layer or operation with these arguments overwrites its first input."""
    return arguments.get("inplace") is True


def rank_of(name: str) -> int:
    """Over how many dimensions a layer such as `Conv2d` or `max_pool2d` slides.

    >>> rank_of("Conv2d")
    2
    """
    return int(name[-2])
