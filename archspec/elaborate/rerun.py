"""Runs a concrete graph on meta again: in come other input types or another key, out goes what it gives.

This is what the compiled model will do: nothing is inferred or expanded again.
"""

from collections.abc import Sequence
from typing import cast

from archspec.catalog.formula import parse_formula
from archspec.catalog.inferred import inferred
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import Runtime, evaluate
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.reasons import expected_by, explained, said
from archspec.elaborate.scope import Scope
from archspec.elaborate.shapes import NotRunnable, to_meta
from archspec.graph.graph import (
    Block,
    CallStep,
    ComputeStep,
    Leaf,
    ModuleDict,
    ModuleList,
    ModuleStep,
    Node,
    OperationStep,
    Ref,
    Sequential,
    Step,
    TensorStep,
)
from archspec.graph.types import DictType, ListType, TensorType, TextType, TupleType, Type, describe
from archspec.source import Span
from archspec.syntax.expression import parse_expression

__all__ = ["rerun"]

Types = dict[str, Type]

# To hand an input on takes a small part of the time of what else is counted as a step.
_INPUTS_A_STEP = 16


def rerun(node: Node, inputs: Inputs, context: Context) -> Type:
    """What a concrete node gives for these inputs.

    Raises:
        Fault: E0602 or E0603, it cannot take them.
    """
    context.step(node.span)
    match node:
        case Leaf():
            return _leaf(node, inputs, context)
        case Sequential():
            return _chain(node.children, inputs, context)
        case ModuleList():
            return _list(node, inputs, context)
        case ModuleDict():
            return _dict(node, inputs, None, context)
        case Block():
            return _known_block(node, inputs, context)


def _known_block(node: Block, inputs: Inputs, context: Context) -> Type:
    """A block; one that stands many times in the model and gets the same runs once. The root is there once anyway."""
    if context.ran is None or not context.path:
        return _block(node, inputs, context)
    key = (id(node), inputs)
    if key not in context.ran:
        context.ran[key] = _block(node, inputs, context)
    return context.ran[key]


def _leaf(node: Leaf, inputs: Inputs, context: Context) -> Type:
    try:
        return context.shapes.layer(node.type, node.arguments, inputs).output
    except NotRunnable as error:
        given = " and ".join(describe(kind) for kind in inputs.positional)
        message = f"{node.type} cannot take {given or 'these inputs'}"
        expected = _written(node, inputs) or expected_by(error.reason)
        notes = () if expected else said(error.reason)
        raise context.fault("E0602", message, node.span, expected=expected, notes=notes) from error


def _written(node: Leaf, inputs: Inputs) -> str:
    """What the arguments of a layer say of its input, where the input contradicts them."""
    arguments = dict(node.arguments)
    for name, dimension in inferred(node.type).items():
        kind = inputs.positional[dimension.input] if dimension.input < len(inputs.positional) else None
        value, dim = arguments.get(name), dimension.dim
        if isinstance(kind, TensorType) and isinstance(value, int) and -len(kind.shape) <= dim < len(kind.shape):
            axis = dim if dim >= 0 else len(kind.shape) + dim
            if kind.shape[dim] != value:
                return f"{value} in dimension {axis}, which is `{name}` of {node.type}"
    return ""


def _named(name: str, node: Node, inputs: Inputs, context: Context) -> Type:
    with context.at(name):
        return rerun(node, inputs, context)


def _chain(children: Sequence[tuple[str, Node]], inputs: Inputs, context: Context) -> Type:
    first, *rest = inputs.positional
    for name, child in children:
        first = _named(name, child, Inputs((first, *rest), inputs.keywords, inputs.constants), context)
    return first


def _list(node: ModuleList, inputs: Inputs, context: Context) -> Type:
    if node.mode == "chain":
        return _chain(node.children, inputs, context)
    if node.mode == "branch":
        return ListType(tuple(_named(name, child, inputs, context) for name, child in node.children))
    items, *rest = inputs.positional
    if not isinstance(items, (ListType, TupleType)) or len(items.items) != len(node.children):
        message = f"`mode: zip` pairs {len(node.children)} modules with the items of a list"
        raise context.fault("E0503", message, node.span, found=describe(items))
    results = [
        _named(name, child, Inputs((item, *rest), inputs.keywords, inputs.constants), context)
        for (name, child), item in zip(node.children, items.items, strict=True)
    ]
    return ListType(tuple(results))


def _dict(node: ModuleDict, inputs: Inputs, key: str | None, context: Context) -> Type:
    """All of a `ModuleDict`, of which `key` (or its literal `select`, or the first) is what it gives."""
    if node.mode == "branch":
        return DictType(tuple((name, _named(name, child, inputs, context)) for name, child in node.children))
    chosen = node.select if isinstance(node.select, str) else key or node.children[0][0]
    results: Types = {}
    for name, child in node.children:
        with context.set_aside(name != chosen):
            results[name] = _named(name, child, inputs, context)
    return results[chosen]


def _block(node: Block, inputs: Inputs, context: Context) -> Type:
    types: Types = {}
    keywords = dict(inputs.keywords)
    context.step(node.span, len(node.inputs) // _INPUTS_A_STEP)
    for index, item in enumerate(node.inputs):
        types[item.name] = (
            inputs.positional[index] if index < len(inputs.positional) else keywords.get(item.name, item.type)
        )
    for step in node.steps:
        with context.at(step.name), context.set_aside(not isinstance(step, TensorStep) and step.only_train):
            kind = _step(step, types, context)
        if kind is not None:
            _check_stand_in(step, kind, types, context)
            types[step.name] = kind
    if isinstance(node.returns, Ref):
        return _read(node.returns, types)
    if node.returns and isinstance(node.returns[0], Ref):
        return TupleType(tuple(_read(ref, types) for ref in node.returns))
    named = cast("tuple[tuple[str, Ref], ...]", node.returns)
    return DictType(tuple((key, _read(ref, types)) for key, ref in named))


def _check_stand_in(step: Step, kind: Type, types: Types, context: Context) -> None:
    """What stands in for a step in evaluation has the shape that the step gives in training.

    Raises:
        Fault: E0606, it has not.
    """
    if isinstance(step, TensorStep) or step.otherwise is None:
        return
    other = _read(step.otherwise, types)
    if other != kind:
        message = f"`{step.otherwise}` is {describe(other)}, so it cannot stand in for `{step.name}` in evaluation"
        raise context.fault("E0606", message, step.span, expected=describe(kind))


def _step(step: Step, types: Types, context: Context) -> Type | None:
    match step:
        case TensorStep():
            return step.output
        case OperationStep():
            return _operation(step, types, context)
        case ComputeStep():
            return _compute(step, types, context)
        case CallStep() | ModuleStep():
            if step.inputs is None:
                return None
            inputs = Inputs(
                tuple(_read(ref, types) for ref in step.inputs),
                tuple((key, _read(ref, types)) for key, ref in step.keywords),
                step.constants,
                tuple(str(ref) for ref in step.inputs),
            )
            if isinstance(step.node, ModuleDict) and isinstance(step.node.select, Ref):
                return _dict(step.node, inputs, _key(step.node.select, types, context), context)
            return rerun(step.node, inputs, context)


def _key(select: Ref, types: Types, context: Context) -> str | None:
    kind = _read(select, types)
    assert isinstance(kind, TextType), "the elaborator checked it"
    return context.selection.get(kind.origin)


def _read(ref: Ref, types: Types) -> Type:
    kind = types[ref.name]
    for item in ref.items:
        if isinstance(kind, DictType):
            kind = dict(kind.items)[str(item)]
        else:
            assert isinstance(kind, (TupleType, ListType)), "the elaborator checked it"
            assert isinstance(item, int), "the elaborator checked it"
            kind = kind.items[item]
    return kind


def _operation(step: OperationStep, types: Types, context: Context) -> Type:
    context.step(step.span)
    operation = context.registry.operation(step.operation)
    assert operation is not None, "the elaborator found it"
    kinds = tuple(None if ref is None else _read(ref, types) for ref in step.inputs)
    sizes = {name: _read(ref, types) for name, ref in step.sizes}
    arguments = {name: _value(value, sizes, step.span, context) for name, value in step.arguments}
    try:
        return context.shapes.operation(operation, kinds, arguments)
    except NotRunnable as error:
        given = " and ".join(describe(kind) for kind in kinds if kind is not None)
        expected, notes = explained(step.operation, kinds, error.reason)
        message = f"{step.operation} cannot take {given or 'no input'}"
        raise context.fault("E0603", message, step.span, expected=expected, notes=notes) from error


def _value(value: object, types: Types, span: Span, context: Context) -> object:
    if isinstance(value, tuple):
        return tuple(_value(item, types, span, context) for item in value)
    if not isinstance(value, Runtime):
        return value

    def size(node: str, dim: int) -> int:
        kind = types[node]
        assert isinstance(kind, TensorType), "the elaborator checked it"
        return kind.shape[dim]

    expression = parse_expression(value.text, span, context.limits)
    return evaluate(expression, Scope({}, None, size), context.budget)


def _compute(step: ComputeStep, types: Types, context: Context) -> Type:
    context.step(step.span)
    kinds = {name: _read(ref, types) for name, ref in step.refs}

    def run() -> object:
        formula = parse_formula(step.text, step.span, context.registry, context.limits)
        return formula.run({name: to_meta(kind) for name, kind in kinds.items()})

    try:
        return context.shapes.compute(("compute", step.text, tuple(kinds.items())), run, step.text)
    except NotRunnable as error:
        found = "; ".join(f"`{name}` is {describe(kind)}" for name, kind in kinds.items())
        expected, notes, message = expected_by(error.reason), said(error.reason), f"`{step.text}` cannot be computed"
        raise context.fault("E0603", message, step.span, found=found, expected=expected, notes=notes) from error
