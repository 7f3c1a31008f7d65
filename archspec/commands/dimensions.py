"""Dimensions that cannot vary: in comes a compilation, out go W0105 warnings and the sentence that `build` prints."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archspec.commands.amounts import listed
from archspec.diagnostic import Diagnostic, Note
from archspec.graph.types import TensorType, describe
from archspec.source import Span
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

if TYPE_CHECKING:
    from archspec.compiler import Compilation
    from archspec.graph.graph import Input

__all__ = ["describe_input", "unvarying"]


def unvarying(compilation: "Compilation") -> Iterator[Diagnostic]:
    """A warning for each dimension that is named without a size, as if it could vary, and cannot."""
    for declared, checked in zip(compilation.spec.block.inputs or (), compilation.graph.inputs, strict=True):
        for scalar in _unsized(declared.tree):
            cause = compilation.fixed_dimensions.get(scalar.text)
            if cause is not None and isinstance(checked.type, TensorType):
                size = checked.type.shape[checked.dims.index(scalar.text)]
                yield _warning(scalar.text, size, scalar.span, cause)


def _unsized(tree: Tree) -> Iterator[Scalar]:
    """The dimensions of an input that are a name and no more."""
    if isinstance(tree, Mapping):
        tree = tree.get("shape") or tree
    if isinstance(tree, Sequence):
        for item in tree.items:
            if isinstance(item, Scalar) and item.text.isidentifier():
                yield item


def _warning(name: str, size: int, span: Span, cause: Diagnostic) -> Diagnostic:
    reason = f"{cause.message}; expected {cause.expected}" if cause.expected else cause.message
    return Diagnostic(
        code="W0105",
        message=f"the dimension `{name}` cannot vary: the model runs with {name}={size} and fails with another size",
        span=span,
        hint=f"write {size} in place of {name} where that is meant, or change what fixes it",
        notes=(Note(message=f"it is fixed here: {reason}", span=cause.span),),
    )


def describe_input(item: "Input", fixed: dict[str, Diagnostic]) -> str:
    """An input in words, such as `x 2×10×8 (N may vary, H is fixed by view, lenet.yaml:7)`."""
    names = [name for name in dict.fromkeys(item.dims) if name is not None]
    varying = [name for name in names if name not in fixed]
    parts = [f"{listed(varying)} may vary"] if varying else []
    parts += [f"{name} is fixed{_by(fixed[name])}" for name in names if name in fixed]
    dimensions = f" ({', '.join(parts)})" if parts else ""
    return f"{item.name} {describe(item.type)}{dimensions}"


def _by(cause: Diagnostic) -> str:
    places = [cause.path, "" if cause.span is None else f"{cause.span.source.name}:{cause.span.line}"]
    named = ", ".join(place for place in places if place)
    return f" by {named}" if named else ""
