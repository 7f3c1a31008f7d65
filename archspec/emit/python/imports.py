"""Imports: gathers what the code needs, and writes it at the top in the order that ruff wants."""

import ast
from collections.abc import Iterator

from archspec.emit.syntax import attribute, load

__all__ = ["Imports"]


class Imports:
    """What a file imports, and whether it needs the one function that torch does not have."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._standard: dict[str, set[str]] = {}
        self._modules: dict[str, str | None] = {}
        self._names: dict[str, set[str]] = {}
        self.uses_stochastic_depth = False

    def torch(self, name: str) -> ast.expr:
        """`torch.name`."""
        self._modules["torch"] = None
        return attribute(load("torch"), name)

    def functional(self, name: str) -> ast.expr:
        """`F.name`, of `torch.nn.functional`."""
        self._modules["torch.nn.functional"] = "F"
        return attribute(load("F"), name)

    def nn(self, name: str) -> ast.expr:
        """`nn.name`."""
        self._names.setdefault("torch", set()).add("nn")
        return attribute(load("nn"), name)

    def init(self, name: str) -> ast.expr:
        """`nn.init.name`."""
        return attribute(self.nn("init"), name)

    def tensor(self) -> ast.expr:
        """The type hint `Tensor`."""
        self._names.setdefault("torch", set()).add("Tensor")
        return load("Tensor")

    def standard(self, module: str, name: str) -> ast.expr:
        """A name of the standard library."""
        self._standard.setdefault(module, set()).add(name)
        return load(name)

    def other(self, module: str, name: str, local: str = "") -> ast.expr:
        """A name of any other module, perhaps under another name here."""
        renamed = local and local != name
        self._names.setdefault(module, set()).add(f"{name} as {local}" if renamed else name)
        return load(local or name)

    def lines(self) -> Iterator[str]:
        """The lines at the top of the file."""
        for module in sorted(self._standard):
            yield f"from {module} import {_listed(self._standard[module])}"
        if self._standard and (self._modules or self._names):
            yield ""
        for module, name in sorted(self._modules.items()):
            yield f"import {module}" + (f" as {name}" if name else "")
        for module in sorted(self._names):
            yield f"from {module} import {_listed(self._names[module])}"


def _listed(names: set[str]) -> str:
    """Names as isort has them: constants, classes, then the rest."""
    return ", ".join(
        sorted(names, key=lambda name: (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name))
    )
