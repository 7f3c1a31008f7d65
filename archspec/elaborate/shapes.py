"""Runs layers and operations on meta: in come arguments and input types, out go output types, each case once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from archspec.catalog.construct import LayerCall, construct
from archspec.catalog.dimensions import check_dim
from archspec.catalog.operations import Operation
from archspec.catalog.registry import Registry
from archspec.elaborate.work import work_of_formula, work_of_layer, work_of_operation
from archspec.graph.graph import State
from archspec.graph.types import DictType, ListType, NoneType, TensorType, TextType, TupleType, Type

if TYPE_CHECKING:
    from archspec.elaborate.inputs import Inputs

__all__ = ["NotRunnable", "Ran", "Shapes", "frozen", "of_value", "reason_of", "to_meta"]

_DTYPES = {dtype: str(dtype).removeprefix("torch.") for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}


class NotRunnable(Exception):  # noqa: N818 - told to the user as a diagnostic by whoever knows the place
    """PyTorch refuses; `made` says whether the module could be made and only its call failed, `work` what it took."""

    def __init__(self, reason: str, *, made: bool, work: int = 1) -> None:
        """Keep PyTorch's own words."""
        super().__init__(reason)
        self.reason = reason
        self.made = made
        self.work = work


@dataclass(frozen=True, slots=True)
class Ran:
    """A layer that ran: what it gives and what its `state_dict` holds."""

    output: Type
    state: tuple[State, ...]
    modules: int
    parameters: int
    bytes: int
    work: int


@dataclass(frozen=True, slots=True)
class _Refused:
    """What is remembered of a `NotRunnable`."""

    reason: str
    made: bool
    work: int


_Memory = dict[object, Any]

# What torch's own layers and operations give for which inputs is the same in every elaboration of a process. The key is
# (default dtype, name, arguments, input types); when there are too many, all are forgotten.
_KNOWN: _Memory = {}
MOST_KNOWN = 20_000

# The ranks of a sequence: alone, and in a batch.
_SEQUENCES = (2, 3)


class Shapes:
    """Knows what layers and operations give: from memory, or by running them on meta once.

    Attributes:
        executions: how often something ran.
        work: what all that was asked for takes, each different thing once. An operation takes 1.
        turns: for how many steps of a sequence the last run stands.
    """

    def __init__(self, registry: Registry) -> None:
        """Know nothing yet of what callers registered, which another elaboration may have registered otherwise."""
        self._registry = registry
        self._own: _Memory = {}
        self.executions = 0
        self.work = 0
        self.turns = 1

    def layer(self, type_name: str, arguments: tuple[tuple[str, object], ...], inputs: "Inputs") -> Ran:
        """Make a layer on meta and run it; without inputs it is only made.

        Raises:
            NotRunnable: it cannot be made with these arguments, or cannot take these inputs.
        """
        layer = self._registry.layer(type_name)
        own = layer is None or layer.is_registered or any(isinstance(value, LayerCall) for _, value in arguments)
        memory = self._own if own else _KNOWN
        key = (torch.get_default_dtype(), type_name, frozen(arguments) if own else arguments, inputs)
        ran: Ran = self._recall(memory, key, lambda: self._run_layer(type_name, arguments, inputs))
        return ran

    def _run_layer(self, type_name: str, arguments: tuple[tuple[str, object], ...], inputs: "Inputs") -> Ran:
        try:
            module = construct(self._registry, type_name, arguments, "meta").eval()
        except Exception as error:  # whatever a constructor raises is the user's to read
            raise NotRunnable(reason_of(error), made=False) from error
        for encoder in module.modules():
            if isinstance(encoder, nn.TransformerEncoder):
                encoder.use_nested_tensor = False  # its shortcut looks at what the mask holds; shapes are the same
        if not inputs.positional and not inputs.keywords:
            return _ran(module, NoneType())
        axis, self.turns = _sequence(module, inputs)
        if axis is None:
            return _ran(module, _call(module, inputs))
        first, *others = inputs.positional
        output = _call(module, replace(inputs, positional=(_resized(first, axis, 1), *others)))
        assert isinstance(output, TupleType), "recurrent layers give an output and a state"
        return _ran(module, TupleType((_resized(output.items[0], axis, self.turns), *output.items[1:])))

    def operation(self, operation: Operation, inputs: tuple[Type | None, ...], arguments: Mapping[str, object]) -> Type:
        """Run an operation on meta tensors.

        Raises:
            NotRunnable: it cannot take these inputs.
        """
        memory = _KNOWN if operation.implementation is None else self._own
        key = (torch.get_default_dtype(), operation.name, inputs, frozen(dict(arguments)))

        def run() -> object:
            tensors = [*map(_optional_meta, inputs)]
            check_dim(operation.name, tensors[0] if tensors else None, arguments)
            return operation.function()(*tensors, **arguments)

        work = work_of_operation(operation.name, arguments)
        output: Type = self._recall(memory, key, lambda: _run(run), work)
        return output

    def compute(self, key: object, run: Callable[[], object], text: str = "") -> Type:
        """Run anything on meta tensors, such as the formula `text`, once for each key in this elaboration.

        Raises:
            NotRunnable: it raises.
        """
        output: Type = self._recall(self._own, key, lambda: _run(run), work_of_formula(text))
        return output

    def _recall(self, memory: _Memory, key: object, run: Callable[[], object], work: int = 1) -> Any:
        found = self._own.get(key)
        if found is None:
            found = memory.get(key)
            if found is None:
                found = _remember(memory, key, self._attempt(run))
            _remember(self._own, key, found)
            self.work += found.work if isinstance(found, (Ran, _Refused)) else work
        if isinstance(found, _Refused):
            raise NotRunnable(found.reason, made=found.made)
        return found

    def _attempt(self, run: Callable[[], object]) -> object:
        self.executions += 1
        try:
            return run()
        except NotRunnable as error:
            return _Refused(error.reason, error.made, error.work)


def _remember(memory: _Memory, key: object, found: object) -> Any:
    if len(memory) >= MOST_KNOWN:
        memory.clear()
    memory[key] = found
    return found


def _sequence(module: nn.Module, inputs: "Inputs") -> tuple[int | None, int]:
    """Along which axis a recurrent layer steps, and how often: on meta one step tells as much as a million would."""
    kind = inputs.positional[0] if inputs.positional else None
    if not isinstance(module, nn.RNNBase) or not isinstance(kind, TensorType) or len(kind.shape) not in _SEQUENCES:
        return None, 1
    axis = 1 if module.batch_first and len(kind.shape) == max(_SEQUENCES) else 0
    return (axis, kind.shape[axis]) if kind.shape[axis] > 1 else (None, 1)


def _resized(kind: Type, axis: int, size: int) -> Type:
    assert isinstance(kind, TensorType), "it is a sequence"
    return replace(kind, shape=(*kind.shape[:axis], size, *kind.shape[axis + 1 :]))


def _run(run: Callable[[], object]) -> Type:
    try:
        with torch.no_grad():
            return of_value(run())
    except Exception as error:  # whatever a kernel raises is the user's to read
        raise NotRunnable(reason_of(error), made=True) from error


def _call(module: nn.Module, inputs: "Inputs") -> Type:
    positional = [to_meta(kind) for kind in inputs.positional]
    keywords: dict[str, Any] = {name: to_meta(kind) for name, kind in inputs.keywords}
    keywords |= dict(inputs.constants)
    try:
        with torch.no_grad():
            check_dim(type(module).__name__, positional[0] if positional else None, vars(module))
            return of_value(module(*positional, **keywords))
    except Exception as error:  # whatever a layer raises is the user's to read
        raise NotRunnable(reason_of(error), made=True, work=work_of_layer(module)) from error


def _ran(module: nn.Module, output: Type) -> Ran:
    saved = module.state_dict(keep_vars=True)
    state = [
        State(
            name=name,
            shape=tuple(value.shape),
            dtype=_DTYPES[value.dtype],
            is_parameter=isinstance(value, nn.Parameter),
        )
        for name, value in saved.items()
        if isinstance(value, torch.Tensor)
    ]
    state += [
        State(name=name, shape=tuple(value.shape), dtype=_DTYPES[value.dtype], is_parameter=False, persistent=False)
        for name, value in module.named_buffers()
        if name not in saved
    ]
    parameters = list(module.parameters())
    return Ran(
        output=output,
        state=tuple(state),
        modules=sum(1 for _ in module.modules()),
        parameters=sum(parameter.numel() for parameter in parameters),
        bytes=sum(parameter.numel() * parameter.element_size() for parameter in parameters),
        work=work_of_layer(module),
    )


def reason_of(error: Exception) -> str:
    """The line of what PyTorch or einops raised that says why."""
    lines = [line.strip() for line in str(error).strip().split("\n") if line.strip()] or [type(error).__name__]
    # einops tells what it was doing first and the reason last; torch tells the reason first.
    line = lines[-1] if type(error).__name__ == "EinopsError" else lines[0]
    return line.split("(Triggered internally")[0].strip()


def _optional_meta(kind: Type | None) -> object:
    return None if kind is None else to_meta(kind)


def to_meta(kind: Type) -> Any:
    """A value of a type, with meta tensors in it."""
    match kind:
        case TensorType():
            return torch.empty(kind.shape, dtype=getattr(torch, kind.dtype), device="meta")
        case TupleType():
            return tuple(to_meta(item) for item in kind.items)
        case ListType():
            return [to_meta(item) for item in kind.items]
        case DictType():
            return {key: to_meta(item) for key, item in kind.items}
        case TextType():
            return kind.origin
        case NoneType():
            return None


def of_value(value: object) -> Type:
    """The type of a value that a meta run gave.

    Raises:
        TypeError: it holds something that cannot flow along an edge.
    """
    if isinstance(value, torch.Tensor):
        return TensorType(tuple(value.shape), _DTYPES[value.dtype])
    if isinstance(value, tuple):
        return TupleType(tuple(of_value(item) for item in value))
    if isinstance(value, list):
        return ListType(tuple(of_value(item) for item in value))
    if isinstance(value, Mapping):
        return DictType(tuple((str(key), of_value(item)) for key, item in value.items()))
    if value is None:
        return NoneType()
    raise TypeError(
        f"it returns {type(value).__name__}, and only tensors, tuples, lists and dictionaries of them can be passed on"
    )


def frozen(value: object) -> object:
    """A value as a hashable key; a `LayerCall` is one already."""
    if isinstance(value, (list, tuple)):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((name, frozen(item)) for name, item in value.items())
    if isinstance(value, (int, float)):
        return (type(value).__name__, value)  # 1, 1.0 and True are equal and hash alike
    return value
