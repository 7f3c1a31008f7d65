"""Applies initialisation: in come a module and concrete rules; its parameters are filled, module by module."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, Note
from archspec.errors import Fault
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
                        _fill(tensor, rule, path, name, initialiser, arguments)


def _fill(  # noqa: PLR0913 - what an error needs to say
    tensor: "torch.Tensor", rule: InitRule, path: str, name: str, initialiser: str, arguments: Arguments
) -> None:
    """Fill one tensor; what the elaborator could not try, inside a layer, is refused here."""
    try:
        fill(tensor, initialiser, arguments)
    except Exception as error:  # whatever an initialiser raises is the user's to read
        key = f"{path}.{name}" if path else name
        message = f"{initialiser} cannot fill `{key}`, which is {'×'.join(map(str, tensor.shape))}"
        note = Note(message=f"PyTorch says: {error}")
        raise Fault(Diagnostic(code="E0902", message=message, span=rule.span, path=path, notes=(note,))) from error


def _matches(rule: InitRule, path: str, module: "nn.Module", registry: Registry) -> bool:
    if not rule.by_type:
        return fnmatchcase(path, rule.match)
    layer = registry.layer(rule.match)
    return type(module).__name__ == rule.match if layer is None else type(module) is layer.cls


def _tensors(module: "nn.Module", name: str) -> "Iterable[torch.Tensor]":
    """The parameter or buffer `name` (a dotted path reaches below); nothing where there is none."""
    import torch

    path, _, last = name.rpartition(".")
    children = dict(module.named_modules()) if path else {"": module}
    owner = children.get(path)
    tensor = None if owner is None else getattr(owner, last, None)
    if isinstance(tensor, torch.Tensor):
        yield tensor
