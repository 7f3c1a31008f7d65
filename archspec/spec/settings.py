"""What a caller sets: in come params, sizes and shapes, out go params that are read as those of a file.

Names that the spec does not have are refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault, UsageError
from archspec.limits import Limits
from archspec.source import Source
from archspec.spec.document import Spec
from archspec.spec.names import split_dimension
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Template
from archspec.syntax.parse import parse
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Tree

__all__ = ["check_names", "read_params"]


def read_params(
    params: Mapping[str, Any] | Sequence[TreeMapping], spec: Spec, limits: Limits
) -> dict[str, tuple[object, Tree]]:
    """The caller's params as trees, so that they are read and checked as those of a file.

    Args:
        params: a mapping, or trees, of which a later one wins.
        spec: whose params they are.
        limits: budgets that they must keep.

    Returns:
        Each param's value as written, and its tree.

    Raises:
        Fault: the spec has no such param, or a value is no plain data or not what the param takes.
        SpecError: there are faults in the nodes that are given.
    """
    trees = _param_tree(params, limits) if isinstance(params, Mapping) else params
    settings: dict[str, tuple[object, Tree]] = {}
    block, collector = spec.block, Collector()
    for name, key, value in chain.from_iterable(tree.items() for tree in trees):
        param = block.params.get(name)
        if param is None:
            known = list(block.params)
            message = f"{block.name} has no param {quote(name)}"
            hint = did_you_mean(name, known)
            expected = ", ".join(known) or "no params"
            raise Fault(Diagnostic(code="E0406", message=message, span=key.span, expected=expected, hint=hint))
        assert block.reader is not None, "validation gives every block its reader"
        reader = block.reader.reporting_to(collector)
        try:
            settings[name] = (reader.param_value(value, is_module=param.is_module), value)
        except Fault as fault:
            collector.add(fault.diagnostic)
    collector.finish()
    return settings


def _param_tree(params: Mapping[str, Any], limits: Limits) -> tuple[TreeMapping]:
    """Params that are Python values as a tree of the text that they are written down as."""
    try:
        source = Source.of_mapping(params, "<params>")
    except (TypeError, ValueError) as error:
        message = "params are plain data: numbers, text, lists and mappings"
        raise Fault(Diagnostic(code="E0408", message=message, found=str(error))) from error
    return (cast("TreeMapping", parse(source, limits)),)


def check_names(spec: Spec, *, shapes: Iterable[str], sizes: Iterable[str]) -> None:
    """Refuse shapes of inputs, and sizes of named dimensions, that the spec does not have.

    Raises:
        UsageError: there is no such input or dimension.
    """
    inputs = [item.name for item in spec.block.inputs or ()]
    for name in shapes:
        if name not in inputs:
            hint = did_you_mean(name, inputs, otherwise=f"it has {', '.join(inputs)}")
            raise UsageError(f"{spec.block.name} has no input {quote(name)}: {hint}")
    dims = _dimension_names(spec)
    for name in sizes:
        if name not in dims:
            listed = f"its named dimensions are {', '.join(dims)}" if dims else "none of its dimensions has a name"
            hint = did_you_mean(name, dims, otherwise=listed)
            raise UsageError(f"{spec.block.name} has no dimension {quote(name)}: {hint}")


def _dimension_names(spec: Spec) -> list[str]:
    shapes = [item.shape or () for item in spec.block.inputs or ()]
    texts = [dim.text if isinstance(dim, Template) else dim for shape in shapes for dim in shape]
    return [split_dimension(text)[0] for text in texts if isinstance(text, str)]
