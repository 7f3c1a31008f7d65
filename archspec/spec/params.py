"""Params: in come their declarations, out goes a Pydantic model that checks the values a caller sets."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.spec.document import ParamKeys
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping, Scalar, Tree, plain

__all__ = ["MISSING", "TYPES", "Param", "declared_type", "field_name", "names_type", "params_model"]

MISSING = object()
TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "list": list[Any],
    "module": Any,
    "any": Any,
    "null": None,
}
LONGEST = 2**31 - 1
_SIZED = frozenset({"str", "list"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Param:
    """A param: its declared type, its bounds, and its default (`MISSING` when a caller must set it).

    `default` is the tree of the default, or of a block's written value; it may hold expressions over earlier params.
    """

    name: str
    type: str
    default: Tree | object = MISSING
    min: float | None = None
    max: float | None = None
    choices: tuple[object, ...] | None = None
    doc: str = ""
    tree: Tree

    @property
    def is_module(self) -> bool:
        """Whether the param passes a node (`$block: {…}`)."""
        return "module" in self.type.split(" | ")

    @property
    def required(self) -> bool:
        """Whether a caller must set it."""
        return self.default is MISSING


def declared_type(tree: Tree) -> str:
    """The type of a param of which only a default is given.

    >>> from archspec.source import Source
    >>> from archspec.syntax.parse import parse
    >>> declared_type(parse(Source.of_text("0.5")))
    'float'
    """
    value = plain(tree)
    for name, kind in (("bool", bool), ("int", int), ("float", float), ("list", list)):
        if isinstance(value, kind):
            return name
    return "str" if isinstance(value, str) and not value.startswith("$") else "any"


_ONE_MODULE = "a param holds one module: declare a param of type `module` for each"


def check_type(text: str, tree: Tree) -> str:
    """The canonical spelling of a written type (`int | null`, `list[int]`).

    Raises:
        Fault: E0207, it names no type.
    """
    parts = [part.strip().replace(" ", "") for part in text.split("|")]
    for part in parts:
        name = part[5:-1] if part.startswith("list[") and part.endswith("]") else part
        if name not in TYPES or part == "list[module]":
            hint = _ONE_MODULE if part == "list[module]" else did_you_mean(name, TYPES)
            fix = None if name in TYPES else respelled(tree.span, name, TYPES)
            expected = ", ".join([*TYPES, "list[…] of one of them but module", "or several with `|`"])
            message = f"{quote(text)} is no type of a param"
            raise Fault(
                Diagnostic(code="E0207", message=message, span=tree.span, expected=expected, hint=hint, fix=fix)
            )
    return " | ".join(parts)


def param_of(name: str, tree: Tree, keys: ParamKeys | None) -> Param:
    """A param from its declaration: a mapping with `type`, the name of a type, or a default value.

    Raises:
        Fault: E0207.
    """
    if keys is None:
        if isinstance(tree, Scalar) and isinstance(tree.value, str) and names_type(tree.value):
            return Param(name=name, type=check_type(tree.value, tree), tree=tree)
        return Param(name=name, type=declared_type(tree), default=tree, tree=tree)
    assert isinstance(tree, Mapping)
    type_tree = tree.get("type") or tree
    default = tree.get("default")
    kind = check_type(keys.type, type_tree)
    _check_bounds(kind, keys, tree)
    return Param(
        name=name,
        type=kind,
        default=MISSING if default is None else default,
        min=keys.min,
        max=keys.max,
        choices=None if keys.choices is None else tuple(keys.choices),
        doc=keys.doc or "",
        tree=tree,
    )


def _check_bounds(kind: str, keys: ParamKeys, tree: Mapping) -> None:
    """Refuse bounds that no value could keep.

    Raises:
        Fault: E0207.
    """
    parts = {part.partition("[")[0] for part in kind.split(" | ")}
    for name, bound in (("min", keys.min), ("max", keys.max)):
        expected = "" if bound is None else _wrong_bound(bound, parts)
        if expected:
            message = f"`{name}` of a param of type {kind} has a wrong value"
            raise Fault(_refused(message, name, tree, found=quote(bound), expected=expected))
    if keys.min is not None and keys.max is not None and keys.min > keys.max:
        raise Fault(_refused("`max` is less than `min`, so no value is allowed", "max", tree, found=quote(keys.max)))
    if keys.choices is not None and not keys.choices:
        raise Fault(_refused("`choices` is empty, so no value is allowed", "choices", tree))


def _wrong_bound(bound: int | float, parts: set[str]) -> str:
    """What was expected of a bound, when it is wrong."""
    if not parts & {"int", "float"} | parts & _SIZED:
        return "no bounds: numbers, text and lists have them"
    if not math.isfinite(bound):
        return "a finite number"
    if parts & _SIZED and (bound != int(bound) or not 0 <= bound <= LONGEST):
        return "a length: a whole number, 0 or more"
    return "a whole number" if "int" in parts and bound != int(bound) else ""


def _refused(message: str, name: str, tree: Mapping, *, found: str = "", expected: str = "") -> Diagnostic:
    span = (tree.get(name) or tree).span
    return Diagnostic(code="E0207", message=message, span=span, found=found, expected=expected)


def names_type(text: str) -> bool:
    """Whether a text behind the name of a param is its type, not its default."""
    names = [part.strip().removeprefix("list[").removesuffix("]") for part in text.split("|")]
    return all(name in TYPES for name in names)


@dataclass(frozen=True, slots=True)
class _Checked:
    """What of a param its values are checked by; `shown` tells choices apart, which need not be hashable."""

    name: str
    type: str
    min: float | None
    max: float | None
    choices: tuple[object, ...] | None = field(compare=False)
    shown: str


def params_model(params: Iterable[Param]) -> type[BaseModel]:
    """The Pydantic model of the values: strict, every field optional (what is missing is found where it is known).

    Params that are declared alike share one: to make a model takes Pydantic longer than to elaborate a small block.
    """
    checked = (_Checked(item.name, item.type, item.min, item.max, item.choices, repr(item.choices)) for item in params)
    return _model(tuple(checked))


@lru_cache(maxsize=256)
def _model(params: tuple[_Checked, ...]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        field_name(item.name): (_annotation(item), Field(None, alias=item.name)) for item in params
    }
    config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())
    return create_model("Params", __config__=config, **fields)


def field_name(param: str) -> str:
    """What the field of a param is called: as the param, or otherwise where Pydantic needs that name for itself."""
    taken = param.startswith("model_") or hasattr(BaseModel, param)
    return f"param_{param}" if taken else param


def _annotation(param: _Checked) -> Any:
    kinds = [_part(part, param) for part in param.type.split(" | ")]
    annotation = reduce(or_, kinds[1:], kinds[0]) if len(kinds) > 1 else kinds[0]
    if param.choices is not None:
        return Annotated[annotation, AfterValidator(_one_of(param.choices))]
    return annotation


def _part(part: str, param: _Checked) -> Any:
    item = part.startswith("list[")
    kind = list[TYPES[part[5:-1]]] if item else TYPES[part]  # type: ignore[misc] # the item type is looked up
    bounds: dict[str, Any] = {}
    if part in ("int", "float"):
        bounds = {"ge": param.min, "le": param.max}
    elif item or part in _SIZED:
        bounds = {"min_length": param.min, "max_length": param.max}
    bounds = {key: value for key, value in bounds.items() if value is not None}
    if part != "float":
        bounds = {key: int(value) for key, value in bounds.items()}
    if part == "float":
        bounds["allow_inf_nan"] = False
    return Annotated[kind, Field(**bounds)] if bounds else kind


def _one_of(choices: tuple[object, ...]) -> Any:
    def check(value: object) -> object:
        if value not in choices:
            expected = ", ".join(quote(choice) for choice in choices)
            texts = tuple(choice for choice in choices if isinstance(choice, str))
            context = {"expected": f"one of {expected}", "choices": texts}
            raise PydanticCustomError("literal_error", "Input should be {expected}", context)
        return value

    return check
