"""Which named dimensions may vary: in comes a graph, out go those that cannot, each with what fixed it."""

from collections.abc import Collection, Iterator

from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, Note, quote
from archspec.elaborate.elaborate import reruns
from archspec.errors import UsageError
from archspec.graph.graph import Graph
from archspec.graph.types import TensorType
from archspec.limits import Limits
from archspec.source import Span
from archspec.spec.document import Spec
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["check_named", "checked_sizes", "fixed_dimensions", "unvarying"]


def fixed_dimensions(graph: Graph, *, registry: Registry, limits: Limits) -> dict[str, Diagnostic]:
    """The named dimensions that cannot vary, each with what fixed it.

    The compiled model is run on meta once more for each, at one more than the size it was checked at and at twice it.

    Raises:
        LimitFault: all these runs together take too many steps.
    """
    fixed: dict[str, Diagnostic] = {}
    run = reruns(graph, registry=registry, limits=limits)
    for name, size in checked_sizes(graph).items():
        for other in (size + 1, size * 2):
            fault = run({name: other})
            if fault is not None:
                fixed[name] = fault.diagnostic
                break
    return fixed


def check_named(graph: Graph, names: Collection[str]) -> None:
    """Refuse names that no dimension of the inputs has.

    Raises:
        UsageError: one of them; the text has those that there are.
    """
    named = checked_sizes(graph)
    for name in names:
        if name not in named:
            known = f"its named dimensions are {', '.join(named)}" if named else "none of its dimensions has a name"
            raise UsageError(
                f"{graph.name} has no dimension {quote(name)}: {did_you_mean(name, named, otherwise=known)}"
            )


def checked_sizes(graph: Graph) -> dict[str, int]:
    """The named dimensions of the inputs with the sizes that the model was checked with."""
    return {
        name: size
        for item in graph.inputs
        if isinstance(item.type, TensorType)
        for name, size in zip(item.dims, item.type.shape, strict=True)
        if name is not None
    }


def unvarying(spec: Spec, graph: Graph, fixed: dict[str, Diagnostic]) -> Iterator[Diagnostic]:
    """A warning for each dimension that is named without a size, as if it could vary, and cannot."""
    sizes = checked_sizes(graph)
    for declared in spec.block.inputs or ():
        for scalar in _unsized(declared.tree):
            cause = fixed.get(scalar.text)
            if cause is not None:
                yield _warning(scalar.text, sizes[scalar.text], scalar.span, cause)


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
