"""Scopes: which value a name has where it is read: params and `let`, loop variables, the sizes of nodes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from archspec.spec.node import Node

__all__ = ["ModuleValue", "Scope"]

SizeOf = Callable[[str, int], int]


@dataclass(frozen=True, slots=True, eq=False)
class ModuleValue:
    """A node passed as a value, with the scope that its expressions are read in."""

    node: Node
    scope: "Scope"


class Scope:
    """Names with values, and the scope around them. `file` is the scope of the params of the whole file."""

    __slots__ = ("file", "parent", "size_of", "values")

    def __init__(
        self, values: Mapping[str, object], parent: "Scope | None" = None, size_of: SizeOf | None = None
    ) -> None:
        """Open a scope inside `parent`; without one it is the scope of a file."""
        self.values = values
        self.parent = parent
        self.file: Scope = self if parent is None else parent.file
        self.size_of = size_of

    def lookup(self, name: str) -> object:
        """The value of `name`.

        Raises:
            KeyError: nothing is called that here.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.parent
        raise KeyError(name)

    def names(self) -> Iterable[str]:
        """Every name that can be read here, the nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.values
            scope = scope.parent

    def size(self, node: str, dim: int) -> int:
        """The size of dimension `dim` of the value `node`.

        Raises:
            LookupError: there is no such value or dimension here.
        """
        scope: Scope | None = self
        while scope is not None:
            if scope.size_of is not None:
                return scope.size_of(node, dim)
            scope = scope.parent
        raise LookupError("sizes can be read only where nodes have names, in a graph")

    def inner(self, values: Mapping[str, object], size_of: SizeOf | None = None) -> "Scope":
        """A scope inside this one."""
        return Scope(values, self, size_of)
