"""What the caller registered: in comes a graph, out goes the name by which a file imports each class and function."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from archspec.catalog.construct import LayerCall
from archspec.catalog.registry import Registry
from archspec.diagnostic import quote
from archspec.errors import ExportError
from archspec.fold.naming import unused
from archspec.graph.graph import Arguments, Block, ComputeStep, Graph, Leaf, OperationStep, Step, TensorStep, walk
from archspec.source import Span

__all__ = ["Imported", "imported"]

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Imported:
    """A class or function: the module it is in, what it is called there, and what the file calls it."""

    module: str
    name: str
    local: str


def imported(graph: Graph, registry: Registry) -> dict[str, Imported]:
    """The registered classes and functions that a model uses, by their names in the spec.

    Raises:
        ExportError: one of them cannot be imported by name.
    """
    found: dict[str, Imported] = {}
    for name, target, path, span in _used(graph, registry):
        if name not in found:
            _check(name, target, path, span)
            taken = {item.local for item in found.values()}
            target_name = str(getattr(target, "__name__", ""))
            found[name] = Imported(str(getattr(target, "__module__", "")), target_name, unused(target_name, taken))
    return found


def _check(name: str, target: object, path: str, span: Span) -> None:
    module, qualified = getattr(target, "__module__", None), getattr(target, "__qualname__", None)
    known = isinstance(module, str) and isinstance(qualified, str)
    named = known and module != "__main__" and _MODULE.fullmatch(str(module)) is not None
    if named and getattr(sys.modules.get(str(module)), str(qualified), None) is target:
        return
    where = f"line {span.line} of {span.source.name}"
    place = f"{module}.{qualified}" if known else "no module"
    message = f"`{path}` ({where}) needs {quote(name)}, which a Python file cannot import: it is {quote(place)}"
    raise ExportError(f"{message}; define it at the top of a module of its own")


def _used(graph: Graph, registry: Registry) -> Iterator[tuple[str, object, str, Span]]:
    """The names of registered classes and functions, what they are, and the node that uses them."""
    for path, node in walk(graph.root):
        if isinstance(node, Leaf):
            for name in _types(node.type, node.arguments):
                layer = registry.layer(name)
                if layer is not None and layer.is_registered:
                    yield name, layer.cls, path or graph.name, node.span
        elif isinstance(node, Block):
            for step in node.steps:
                for name in _operations(step):
                    operation = registry.operation(name)
                    if operation is not None and operation.implementation is not None:
                        yield name, operation.implementation, f"{path}.{step.name}".lstrip("."), step.span


def _types(name: str, arguments: Arguments) -> Iterator[str]:
    yield name
    for _, value in arguments:
        if isinstance(value, LayerCall):
            yield from _types(value.type, value.arguments)


def _operations(step: Step) -> Iterator[str]:
    match step:
        case OperationStep():
            yield step.operation
        case ComputeStep():
            yield from _WORD.findall(step.text)
        case TensorStep(compute=str() as text):
            yield from _WORD.findall(text)
