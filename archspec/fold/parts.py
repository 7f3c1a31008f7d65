"""Parts: in comes a step or a node of the graph, out goes the design that it is an instance of."""

from collections.abc import Callable
from typing import Any

from archspec.catalog.construct import LayerCall
from archspec.catalog.formula import checked_formula
from archspec.catalog.registry import Registry
from archspec.elaborate.values import Runtime
from archspec.fold.design import (
    CallPart,
    ComputePart,
    Constant,
    Design,
    Layer,
    ModulePart,
    OperationPart,
    Part,
    TensorPart,
    split,
)
from archspec.fold.formulas import formula_of
from archspec.graph.graph import (
    Arguments,
    CallStep,
    ComputeStep,
    ModuleStep,
    Node,
    OperationStep,
    Ref,
    Step,
    TensorStep,
)

__all__ = ["layer_of", "part_of"]


def layer_of(type_name: str, arguments: Arguments, registry: Registry) -> Layer:
    """A layer with its whole argument list: what is left out has its default."""
    layer = registry.layer(type_name)
    known = {} if layer is None else layer.arguments
    given = dict(arguments)
    defaults = {name: item.default for name, item in known.items() if not item.required and _is_plain(item.default)}
    names = dict.fromkeys([*known, *given])
    values = {
        name: given[name] if name in given else defaults[name] for name in names if name in given or name in defaults
    }
    return Layer(type_name, tuple((name, _argument(value, registry)) for name, value in values.items()))


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _argument(value: object, registry: Registry) -> object:
    if isinstance(value, LayerCall):
        return layer_of(value.type, value.arguments, registry)
    return Constant(value)


def part_of(step: Step, design_of: Callable[[Node], Design], registry: Registry) -> Part:
    """What a step of a block is in its class."""
    match step:
        case ModuleStep():
            return ModulePart(
                name=step.name,
                design=design_of(step.node),
                inputs=step.inputs,
                keywords=step.keywords,
                constants=_constants(step.constants),
                only_train=step.only_train,
                otherwise=step.otherwise,
            )
        case CallStep():
            return CallPart(
                name=step.name,
                target=step.target,
                shape=split(design_of(step.node))[0],
                inputs=step.inputs,
                keywords=step.keywords,
                constants=_constants(step.constants),
                only_train=step.only_train,
                otherwise=step.otherwise,
            )
        case OperationStep():
            sizes = dict(step.sizes)
            return OperationPart(
                name=step.name,
                operation=step.operation,
                inputs=step.inputs,
                arguments=tuple((name, _operand(value, sizes)) for name, value in step.arguments),
                only_train=step.only_train,
                otherwise=step.otherwise,
            )
        case ComputeStep():
            return ComputePart(
                name=step.name,
                formula=formula_of(step.text, dict(step.refs)),
                only_train=step.only_train,
                otherwise=step.otherwise,
            )
        case TensorStep():
            return _tensor(step, registry)


def _tensor(step: TensorStep, registry: Registry) -> TensorPart:
    name, arguments = step.init or (None, ())
    return TensorPart(
        name=step.name,
        is_parameter=step.state.is_parameter,
        persistent=step.state.persistent,
        dtype=step.state.dtype,
        shape=tuple(map(Constant, step.state.shape)),
        initialiser=name,
        arguments=_constants(arguments),
        value=Constant(step.value),
        compute=None if step.compute is None else formula_of(step.compute, {"value": Ref("value")}),
        after=() if step.compute is None else _after(step, step.compute, registry),
    )


def _after(step: TensorStep, text: str, registry: Registry) -> tuple[tuple[str, str], ...]:
    """The methods that make of a formula's result what is registered: in order in memory, and of the dtype wanted."""
    import torch

    found: Any = checked_formula(text, registry).run({"value": torch.tensor(step.value, device="meta")})
    methods = [] if found.is_contiguous() else [("contiguous", "")]
    return (*methods, *([] if str(found.dtype) == f"torch.{step.state.dtype}" else [("to", step.state.dtype)]))


def _constants(arguments: Arguments) -> tuple[tuple[str, Constant], ...]:
    return tuple((name, Constant(value)) for name, value in arguments)


def _operand(value: object, sizes: dict[str, Ref]) -> object:
    """An argument of an operation: a constant, a size that is read at run time, or a list of these."""
    if isinstance(value, Runtime):
        return formula_of(value.text, sizes)
    if isinstance(value, tuple) and not _is_plain(value):
        return tuple(_operand(item, sizes) for item in value)
    return Constant(value)
