"""The caller's own operations: in comes a function on tensors, out goes the `Operation` that its signature tells."""

import inspect
import types
from collections.abc import Callable, Sequence
from dataclasses import MISSING
from functools import partial
from inspect import Parameter as Written
from typing import Union, get_args, get_origin

from archspec.catalog.hints import kind_of_argument
from archspec.catalog.operation import Operation, Parameter
from archspec.catalog.operation_kinds import deferring

__all__ = ["operation_of"]

_TRAINING = "training"
_POSITIONAL = (Written.POSITIONAL_ONLY, Written.POSITIONAL_OR_KEYWORD)
_VARIADIC = (Written.VAR_POSITIONAL, Written.VAR_KEYWORD)


def operation_of(function: Callable[..., object], name: str | None = None) -> Operation:
    """Read a function: which of its parameters are tensors, and what the others take.

    Parameters with the hint `Tensor` are tensor inputs, and so are those without a hint that stand before the first
    default. `*tensors`, or a first parameter that is a list of tensors, takes any number. A parameter `training` gets
    the model's own. All others are arguments, given by keyword.

    Args:
        function: a function that takes tensors and gives tensors.
        name: the name in a spec, when it is not the function's own.

    Raises:
        TypeError: the signature cannot be called so: its first parameter is no tensor and a later one is, or an
            argument can be given by position only.
    """
    parameters = list(_signature(function).parameters.values())
    name = name or _attribute(function, "__name__")
    tensors = _tensors(parameters)
    given = [item for item in parameters if item not in tensors and item.name != _TRAINING]
    arguments = [_argument(item, name) for item in given if item.kind not in _VARIADIC]
    operation = Operation(
        name=name,
        target=f"{_attribute(function, '__module__')}.{_attribute(function, '__qualname__')}",
        tensors=tuple(item.name for item in tensors),
        required_tensors=sum(item.default is Written.empty for item in tensors),
        variadic=any(item.kind is Written.VAR_POSITIONAL or _is_list(item.annotation) for item in tensors),
        arguments={item.name: item for item in arguments},
        call=_form(parameters, tensors),
        doc=(inspect.getdoc(function) or "").split("\n")[0],
        extra=next((_argument(item, name) for item in given if item.kind is Written.VAR_KEYWORD), None),
        implementation=function,
    )
    _refuse_uncallable(operation, parameters, tensors)
    return operation


def _signature(function: Callable[..., object]) -> inspect.Signature:
    """The signature, with hints written as text evaluated where their names are known."""
    try:
        return inspect.signature(function, eval_str=True)
    except Exception:  # noqa: BLE001 - a hint may be any expression; the signature is good without it
        return inspect.signature(function)


def _attribute(function: Callable[..., object], name: str) -> str:
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, name, type(function).__name__))


def _tensors(parameters: list[Written]) -> list[Written]:
    found: list[Written] = []
    for index, item in enumerate(parameters):
        before_defaults = all(other.default is Written.empty for other in parameters[: index + 1])
        unhinted = item.annotation is Written.empty and before_defaults
        bare = unhinted and item.kind in (*_POSITIONAL, Written.VAR_POSITIONAL) and item.name != _TRAINING
        if bare or _is_tensor(item.annotation) or (index == 0 and _is_list(item.annotation)):
            found.append(item)
    return found


def _is_tensor(hint: object) -> bool:
    """Whether a hint is `Tensor`, `Tensor | None`, or the same as text."""
    from torch import Tensor

    if get_origin(hint) in (Union, types.UnionType):
        return any(_is_tensor(member) for member in get_args(hint))
    if isinstance(hint, str):
        return any(member.strip().rpartition(".")[2] == "Tensor" for member in hint.split("|"))
    return isinstance(hint, type) and issubclass(hint, Tensor)


def _is_list(hint: object) -> bool:
    """Whether a hint is a list of tensors."""
    origin = get_origin(hint)
    is_sequence = isinstance(origin, type) and issubclass(origin, Sequence)
    return is_sequence and any(_is_tensor(member) for member in get_args(hint))


def _argument(written: Written, operation: str) -> Parameter:
    hint = written.annotation
    return Parameter(
        name=written.name,
        type="" if hint is Written.empty else inspect.formatannotation(hint),
        default=MISSING if written.default is Written.empty else written.default,
        kind=deferring(kind_of_argument(operation, written, of_torch=False)),
    )


def _form(parameters: list[Written], tensors: list[Written]) -> str:
    if any(item.name == _TRAINING for item in parameters):
        return "training"
    if tensors and _is_list(tensors[0].annotation):
        return "list"
    return "function" if _stand_first(parameters, tensors) else "keyword"


def _stand_first(parameters: list[Written], tensors: list[Written]) -> bool:
    return parameters[: len(tensors)] == tensors and all(item.kind is not Written.KEYWORD_ONLY for item in tensors)


def _refuse_uncallable(operation: Operation, parameters: list[Written], tensors: list[Written]) -> None:
    """Refuse a function that the operation's form of call cannot call.

    Raises:
        TypeError: it cannot.
    """
    leading = tensors[:1] if operation.call == "keyword" else tensors
    if not _stand_first(parameters, leading):
        raise TypeError(f"{operation.name}: its tensors must be its first parameters")
    for item in parameters:
        if item.kind is Written.POSITIONAL_ONLY and item not in leading:
            raise TypeError(f"{operation.name}: `{item.name}` can be given by position only, and a spec names it")
        if item.kind is Written.VAR_POSITIONAL and item not in leading:
            raise TypeError(f"{operation.name}: `*{item.name}` are no tensors")
