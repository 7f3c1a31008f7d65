"""Type hints: in comes a parameter with its hint, out goes the kind of value it takes, a Pydantic field type."""

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from archspec.catalog.kinds import (
    BOOLEAN,
    NULL,
    TEXT,
    UNBOUNDED,
    Alternative,
    Anything,
    Bounds,
    Choice,
    Integer,
    Items,
    Kind,
    ModuleValue,
    Number,
    OneOf,
    Simple,
    Unwritable,
)
from archspec.catalog.rules import BOUNDS, HINTS, LENGTHS, lookup

__all__ = ["kind_of_argument", "kind_of_hint"]

_RANK = re.compile(r"([123])d$")
_ANYTHING = (Parameter.empty, Any, object)
_SIMPLE: Mapping[object, Simple] = {bool: BOOLEAN, str: TEXT, None: NULL, types.NoneType: NULL}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What a hint does not say about the numbers and lists in it."""

    bounds: Bounds = UNBOUNDED
    lengths: tuple[int, ...] = ()


def kind_of_argument(layer: str, parameter: Parameter, *, of_torch: bool) -> Kind:
    """The kind of value that a constructor's parameter takes.

    Args:
        layer: the name of the class.
        parameter: from the constructor's signature, with its hint evaluated where that is possible.
        of_torch: the class is one of `torch.nn`, so what is known about `torch.nn` holds for it.
    """
    name = parameter.name
    hint = (lookup(HINTS, layer, name) or parameter.annotation) if of_torch else parameter.annotation
    context = _torch_context(layer, name) if of_torch else _Context()
    return _kind(hint, context, optional=parameter.default is None)


def kind_of_hint(hint: object) -> Kind:
    """The kind of value that a type hint describes, with no bounds.

    >>> str(kind_of_hint(int | tuple[int, int]))
    'an integer or a list of 2 items'
    """
    return _kind(hint, _Context(), optional=False)


def _torch_context(layer: str, name: str) -> _Context:
    lengths = lookup(LENGTHS, layer, name)
    rank = _RANK.search(layer)
    if lengths is None and rank is not None:
        lengths = (int(rank[1]),)
    return _Context(bounds=lookup(BOUNDS, layer, name) or UNBOUNDED, lengths=lengths or ())


def _kind(hint: object, context: _Context, *, optional: bool) -> Kind:
    members = list(_members(hint))
    if any(_is_module(member) for member in members):
        return ModuleValue()
    if any(_is_anything(member) for member in members):
        return Anything()
    kinds = [_alternative(member, context) for member in members]
    if optional:
        kinds.append(NULL)
    kinds.sort(key=lambda kind: isinstance(kind, Unwritable))  # last, where an error reads best
    return OneOf(tuple(dict.fromkeys(kinds)))


def _members(hint: object) -> Iterator[object]:
    """The members of a union; a hint that is no union is its only member."""
    if get_origin(hint) in (Union, types.UnionType):
        for member in get_args(hint):
            yield from _members(member)
    else:
        yield hint


def _is_module(hint: object) -> bool:
    from torch import nn

    return isinstance(hint, ModuleValue) or (isinstance(hint, type) and issubclass(hint, nn.Module))


def _is_anything(hint: object) -> bool:
    unevaluated = isinstance(hint, str | TypeVar)
    mapping = get_origin(hint) in (dict, Mapping) or hint in (dict, Mapping)
    return unevaluated or mapping or hint in _ANYTHING


def _alternative(hint: object, context: _Context) -> Alternative:
    """The kind of one member of a union."""
    if isinstance(hint, Alternative):
        return hint
    if hint is int:
        return Integer(bounds=context.bounds)
    if hint is float:
        return Number(bounds=context.bounds)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is Literal:
        return Choice(values=get_args(hint))
    return _items(hint, context)


def _items(hint: object, context: _Context) -> Alternative:
    """The kind of a list, or of something that no spec can write."""
    origin = get_origin(hint) or hint
    if not (isinstance(origin, type) and issubclass(origin, list | tuple | Sequence)):
        return Unwritable(what=getattr(hint, "__name__", str(hint)))
    members = get_args(hint)
    fixed = origin is tuple and members and members[-1] is not Ellipsis
    item = _kind(_item_hint(origin, members), _Context(bounds=context.bounds), optional=False)
    if isinstance(item, ModuleValue):
        return Unwritable(what=str(hint))
    lengths = (len(members),) if fixed else context.lengths
    return Items(item=item, lengths=lengths, container=list if origin is list else tuple)


def _item_hint(origin: type, members: tuple[object, ...]) -> object:
    if origin.__name__ == "Size":  # torch.Size
        return int
    hints = [member for member in members if member is not Ellipsis]
    return Union[tuple(hints)] if hints else Any  # noqa: UP007 - a union of as many members as there are
