"""Applies initialisation: in come a module and concrete rules; its parameters are filled, module by module."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from archspec.catalog.registry import Registry
from archspec.graph.graph import Arguments, InitRule

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch
    from torch import nn

__all__ = ["apply_rules", "fill"]


def fill(tensor: "torch.Tensor", name: str, arguments: Arguments) -> None:
    """Fill a tensor with `torch.nn.init.{name}_`."""
    from torch.nn import init

    getattr(init, f"{name}_")(tensor, **dict(arguments))


def apply_rules(module: "nn.Module", rules: tuple[InitRule, ...], registry: Registry) -> None:
    """Apply every rule that matches to every module below, module by module, as a constructor's own loop would.

    So the random numbers are drawn in the order in which PyTorch code written by hand draws them.
    """
    for path, child in module.named_modules():
        for rule in rules:
            if _matches(rule, path, child, registry):
                for name, initialiser, arguments in rule.fills:
                    for tensor in _tensors(child, name):
                        fill(tensor, initialiser, arguments)


def _matches(rule: InitRule, path: str, module: "nn.Module", registry: Registry) -> bool:
    if not rule.by_type:
        return fnmatchcase(path, rule.match)
    layer = registry.layer(rule.match)
    return type(module).__name__ == rule.match if layer is None else type(module) is layer.cls


def _tensors(module: "nn.Module", name: str) -> "Iterable[torch.Tensor]":
    """The parameter or buffer `name` (a dotted path reaches below); nothing where there is none."""
    path, _, last = name.rpartition(".")
    children = dict(module.named_modules()) if path else {"": module}
    owner = children.get(path)
    tensor = None if owner is None else getattr(owner, last, None)
    if tensor is not None:
        yield tensor
