"""Applies initialisation: in come a module and concrete rules; its parameters are filled, module by module."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, Note
from archspec.errors import Fault
from archspec.graph.graph import Arguments, InitRule

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["apply_rules", "fill"]


def fill(tensor: "torch.Tensor", name: str, arguments: Arguments) -> None:
    """Fill a tensor with `torch.nn.init.{name}_`."""
    from torch.nn import init

    getattr(init, f"{name}_")(tensor, **dict(arguments))


def apply_rules(module: "nn.Module", rules: tuple[InitRule, ...], registry: Registry) -> None:
    """Apply every rule to every module below that it matches, module by module, as a constructor's own loop would.

    So the random numbers are drawn in the order in which PyTorch code written by hand draws them. What several rules
    say of one parameter is done in the order of the rules, also where one of them names it from further up.
    """
    children = dict(module.named_modules())
    fills: dict[str, list[_Fill]] = {}
    for rule in rules:
        for path, child in children.items():
            if _matches(rule, path, child, registry):
                for name, initialiser, arguments in rule.fills:
                    key = f"{path}.{name}".lstrip(".")
                    fills.setdefault(key.rpartition(".")[0], []).append(_Fill(rule, key, initialiser, arguments))
    for path, child in children.items():
        for item in fills.get(path, ()):
            item.apply(child)


@dataclass(frozen=True, slots=True)
class _Fill:
    """One initialiser for one parameter or buffer, by its key."""

    rule: InitRule
    key: str
    initialiser: str
    arguments: Arguments

    def apply(self, owner: "nn.Module") -> None:
        """Fill it, if its module has it; what the elaborator could not try, inside a layer, is refused here.

        A tensor on meta is left alone: whoever wanted it there fills it, or nobody does.
        """
        import torch

        tensor = getattr(owner, self.key.rpartition(".")[2], None)
        if not isinstance(tensor, torch.Tensor) or tensor.is_meta:
            return
        try:
            fill(tensor, self.initialiser, self.arguments)
        except Exception as error:  # whatever an initialiser raises is the user's to read
            message = f"{self.initialiser} cannot fill `{self.key}`, which is {'×'.join(map(str, tensor.shape))}"
            note = Note(message=f"PyTorch says: {error}")
            path = self.key.rpartition(".")[0]
            raise Fault(
                Diagnostic(code="E0902", message=message, span=self.rule.span, path=path, notes=(note,))
            ) from error


def _matches(rule: InitRule, path: str, module: "nn.Module", registry: Registry) -> bool:
    if not rule.by_type:
        return fnmatchcase(path, rule.match)
    layer = registry.layer(rule.match)
    return type(module).__name__ == rule.match if layer is None else type(module) is layer.cls
