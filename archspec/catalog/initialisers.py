"""The initialisers a spec can name: in comes a name, out go its arguments as `torch.nn.init` has them."""

import inspect
from functools import cache

__all__ = ["INITIALISERS", "initialiser_parameters"]

INITIALISERS = (
    "constant",
    "dirac",
    "eye",
    "kaiming_normal",
    "kaiming_uniform",
    "normal",
    "ones",
    "orthogonal",
    "sparse",
    "trunc_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
)

_NOT_WRITTEN = ("tensor", "generator")


@cache
def initialiser_parameters(name: str) -> dict[str, inspect.Parameter]:
    """The arguments of an initialiser by name, in order, without the tensor and the random generator.

    >>> list(initialiser_parameters("normal"))
    ['mean', 'std']
    """
    import torch

    signature = inspect.signature(getattr(torch.nn.init, f"{name}_"), eval_str=True)
    return {item.name: item for item in signature.parameters.values() if item.name not in _NOT_WRITTEN}
