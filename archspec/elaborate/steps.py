"""Operations and `compute`: in come the types of their inputs, out go concrete steps that ran on meta."""

import re
from typing import Any, cast

from pydantic import ValidationError

from archspec.catalog.formula import parse_formula
from archspec.catalog.operations import Operation
from archspec.diagnostic import quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import Runtime, evaluate_written
from archspec.elaborate.leaves import wrong_values
from archspec.elaborate.reasons import expected_by, explained, one_of_several, said
from archspec.elaborate.repeat import text_of
from archspec.elaborate.scope import Scope
from archspec.elaborate.shapes import NotRunnable, to_meta
from archspec.elaborate.wiring import Environment, Wires, as_tuple, unknown_input
from archspec.errors import Fault
from archspec.graph.graph import ComputeStep, OperationStep, Ref
from archspec.graph.types import Type, describe
from archspec.spec.arguments import argument_diagnostics
from archspec.spec.node import ComputeNode, OperationNode

_SIZE = re.compile(r"\bsize\((\w+),")
__all__ = ["compute_step", "operation_step"]


def operation_step(  # noqa: PLR0913 - what a step is made of
    name: str, node: OperationNode, scope: Scope, wires: Wires, environment: Environment, context: Context
) -> OperationStep:
    """An operation that ran on meta.

    Raises:
        Fault: it is called wrongly, or cannot take its inputs.
    """
    operation = node.operation
    arguments = _arguments(node, scope, context)
    refs, kinds = _place(operation, node, wires, context)
    plain = {name: _without_runtime(value) for name, value in arguments.items()}
    try:
        output = context.shapes.operation(operation, kinds, plain)
    except NotRunnable as error:
        raise _operation_fault(node, refs, kinds, error.reason, context) from error
    context.check_type(output, node.span)
    frozen = tuple((key, as_tuple(value)) for key, value in arguments.items())
    return OperationStep(
        name=name,
        operation=operation.name,
        inputs=refs,
        arguments=frozen,
        sizes=tuple((read, environment.values[read].ref) for read in sorted(_sizes(frozen))),
        only_train=node.wiring.only_train,
        output=output,
        span=node.span,
    )


def _sizes(value: object) -> set[str]:
    """The names whose sizes are read at run time."""
    if isinstance(value, tuple):
        return set().union(*(_sizes(item) for item in value))
    return set(_SIZE.findall(value.text)) if isinstance(value, Runtime) else set()


def _without_runtime(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return type(value)(_without_runtime(item) for item in value)
    return value.value if isinstance(value, Runtime) else value


def _arguments(node: OperationNode, scope: Scope, context: Context) -> dict[str, object]:
    operation, written = node.operation, node.arguments
    values = dict(written.values)
    if not written.constant:
        values = {name: evaluate_written(value, scope, context.budget, runtime=True) for name, value in values.items()}  # type: ignore[misc]
        try:
            values = cast("dict[str, Any]", operation.validate(values))
        except ValidationError as error:
            faulty = argument_diagnostics(operation, error, dict(written.trees), node.type_tree, context.where)
            raise wrong_values(faulty, context) from error
    missing = [key for key, parameter in operation.arguments.items() if parameter.required and key not in values]
    if missing and not _number_given_as_tensor(operation, node):
        names = " and ".join(f"`{key}`" for key in missing)
        hint = f"write {operation.name}: {{{', '.join(f'{key}: …' for key in missing)}}}"
        raise context.fault("E0303", f"{operation.name} needs {names}", node.span, hint=hint)
    return values  # type: ignore[return-value]


def _number_given_as_tensor(operation: Operation, node: OperationNode) -> bool:
    return operation.variadic and node.wiring.sources is not None


def _place(
    operation: Operation, node: OperationNode, wires: Wires, context: Context
) -> tuple[tuple[Ref | None, ...], tuple[Type | None, ...]]:
    """Which value goes to which tensor input of the operation; None where an optional one is left out."""
    refs: list[Ref | None] = list(wires.refs)
    kinds: list[Type | None] = list(wires.inputs.positional)
    for (key, ref), (_, kind) in zip(wires.keywords, wires.inputs.keywords, strict=True):
        if key not in operation.tensors:
            message = f"{operation.name} has no input {quote(key)}"
            raise unknown_input(message, key, operation.tensors, node, context)
        index = operation.tensors.index(key)
        refs += [None] * (index + 1 - len(refs))
        kinds += [None] * (index + 1 - len(kinds))
        refs[index], kinds[index] = ref, kind
    given = len(refs)
    most = None if operation.variadic else len(operation.tensors)
    if operation.required_tensors == 0 and node.wiring.sources is None:
        return (), ()
    least = operation.required_tensors
    if given < least or (most is not None and given > most):
        wanted = f"{least} or more" if most is None else str(least) if most == least else f"{least} to {most}"
        names = ", ".join(operation.tensors)
        message = f"{operation.name} takes {wanted} input{'' if wanted == '1' else 's'} ({names}) and gets {given}"
        named = ", ".join(operation.tensors[:least])
        hint = f"name them: from: [{named}]" if given < least else "name fewer with `from`"
        raise context.fault("E0503", message, node.span, found=", ".join(f"`{ref}`" for ref in refs), hint=hint)
    absent = next((name for name, ref in zip(operation.tensors[:least], refs, strict=False) if ref is None), None)
    if absent is not None:
        message, hint = f"{operation.name} gets no `{absent}`", f"name it too: from: {{{absent}: …}}"
        raise context.fault("E0503", message, node.span, expected=", ".join(operation.tensors), hint=hint)
    return tuple(refs), tuple(kinds)


def _operation_fault(
    node: OperationNode,
    refs: tuple[Ref | None, ...],
    kinds: tuple[Type | None, ...],
    reason: str,
    context: Context,
) -> Fault:
    given = [f"{describe(kind)} from `{ref}`" for kind, ref in zip(kinds, refs, strict=True) if kind is not None]
    names = " and ".join(given) if len(given) <= 2 else ", ".join(given)  # noqa: PLR2004
    expected, notes = explained(node.operation.name, kinds, reason)
    message = f"{node.operation.name} cannot take {names or 'no input'}"
    return context.fault(
        "E0603",
        message,
        node.span,
        trail=tuple(str(ref) for ref in refs if ref is not None),
        expected=expected,
        notes=notes,
        hint="" if expected else one_of_several(kinds, map(str, refs)),
    )


def compute_step(name: str, node: ComputeNode, scope: Scope, environment: Environment, context: Context) -> ComputeStep:
    """An expression over values that ran on meta.

    Raises:
        Fault: it is written wrongly, or the shapes do not fit.
        Broken: it reads a value that could not be elaborated.
    """
    text = text_of(node.text, scope, context)
    span = node.text_tree.span
    formula = parse_formula(text, span, context.registry, context.limits)
    context.step(span, formula.steps)
    refs: list[tuple[str, Ref]] = []
    kinds: dict[str, Type] = {}
    for read in formula.names:
        ref, _, kind = environment.resolve(read, formula.part(read))[0]
        refs.append((read, ref))
        kinds[read] = kind
    try:
        run = lambda: formula.run({read: to_meta(kind) for read, kind in kinds.items()})  # noqa: E731 - run at most once
        output = context.shapes.compute(("compute", formula.text, tuple(kinds.items())), run, formula.text)
    except NotRunnable as error:
        found = "; ".join(f"`{read}` is {describe(kind)}" for read, kind in kinds.items())
        expected, notes, message = expected_by(error.reason), said(error.reason), f"{quote(text)} cannot be computed"
        raise context.fault(
            "E0603",
            message,
            span,
            trail=tuple(str(ref) for _, ref in refs),
            found=found,
            expected=expected,
            notes=notes,
        ) from error
    context.check_type(output, node.span)
    return ComputeStep(
        name=name, text=formula.text, refs=tuple(refs), only_train=node.wiring.only_train, output=output, span=node.span
    )
