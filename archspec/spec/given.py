"""What callers give: in come specs in any form, params and sizes, out go a `Source` and values that fit the spec."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from os import PathLike, fspath
from pathlib import Path
from typing import Any, cast

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault, LimitError, LimitFault, SpecError, UsageError
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.spec.document import Spec
from archspec.spec.names import split_dimension
from archspec.spec.shipped import shipped_names, shipped_source
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Template
from archspec.syntax.parse import parse
from archspec.syntax.read import read_source
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Tree

__all__ = ["SpecLike", "check_names", "read_params", "source_of"]

SpecLike = str | PathLike[str] | Mapping[str, Any]


def source_of(spec: SpecLike, limits: Limits = DEFAULT_LIMITS) -> tuple[Source, str | None]:
    """The text of a spec given as a path, the name of a shipped architecture or preset, YAML text or a mapping.

    Returns:
        The source, and the preset that a name meant.

    Raises:
        UsageError: it is a name that nothing has.
        SpecError: the file cannot be read, or the mapping is no plain data.
    """
    if isinstance(spec, Mapping):
        return _mapping_source(spec), None
    text = fspath(spec)
    if isinstance(spec, str) and ("\n" in text or text.lstrip().startswith("{")):
        return Source.of_text(text), None
    try:
        if Path(text).suffix in (".yaml", ".yml", ".json") or "/" in text or _is_file(text):
            return read_source(text, limits=limits), None
    except Fault as fault:
        raise (LimitError if isinstance(fault, LimitFault) else SpecError)([fault.diagnostic]) from fault
    found = shipped_source(text)
    if found is not None:
        return found
    otherwise = "`archspec list` shows what ships; a file of your own ends in .yaml"
    hint = did_you_mean(text, shipped_names(), otherwise=otherwise)
    raise UsageError(f"no spec is called {quote(text)}: {hint}")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # what is no path at all: too long, or with a null character
        return False


def _mapping_source(spec: Mapping[str, Any]) -> Source:
    try:
        return Source.of_mapping(spec)
    except (TypeError, ValueError) as error:
        message = "a spec given as a mapping holds plain data only"
        raise SpecError([Diagnostic(code="E0203", message=message, found=str(error))]) from error


def read_params(
    spec: Spec, params: Mapping[str, Any] | Sequence[TreeMapping], limits: Limits
) -> dict[str, tuple[object, Tree]]:
    """The caller's params, each with the tree it was read from, so that they are checked as those of a file.

    Raises:
        Fault: the spec has no such param, or a value is no plain data, or of another type.
    """
    trees = _param_tree(params, limits) if isinstance(params, Mapping) else params
    settings: dict[str, tuple[object, Tree]] = {}
    block = spec.block
    for name, key, value in chain.from_iterable(tree.items() for tree in trees):
        param = block.params.get(name)
        if param is None:
            known = list(block.params)
            message = f"{block.name} has no param {quote(name)}"
            hint = did_you_mean(name, known)
            expected = ", ".join(known) or "no params"
            raise Fault(Diagnostic(code="E0406", message=message, span=key.span, expected=expected, hint=hint))
        assert block.read_param is not None, "validation gives every block its reader"
        settings[name] = (block.read_param(value, param.is_module), value)
    return settings


def _param_tree(params: Mapping[str, Any], limits: Limits) -> tuple[TreeMapping]:
    """Params that are Python values as a tree of the text that they are written down as."""
    try:
        source = Source.of_mapping(params, "<params>")
    except (TypeError, ValueError) as error:
        message = "params are plain data: numbers, text, lists and mappings"
        raise Fault(Diagnostic(code="E0408", message=message, found=str(error))) from error
    return (cast("TreeMapping", parse(source, limits)),)


def check_names(spec: Spec, sizes: Collection[str], shapes: Collection[str]) -> None:
    """Refuse sizes for dimensions, and shapes for inputs, that do not exist.

    Raises:
        UsageError: the spec has no such name.
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
