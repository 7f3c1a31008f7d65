"""Preprocessing: in come the transforms of a spec as written, out go concrete ones, which torchvision may lack."""

from typing import cast

from pydantic import ValidationError

from archspec.catalog.transform_rules import wrong_argument
from archspec.catalog.transforms import CROPS, HELD
from archspec.diagnostic import Diagnostic
from archspec.elaborate.blocks import with_let
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate, evaluate_written
from archspec.elaborate.leaves import wrong_values
from archspec.elaborate.scope import Scope
from archspec.elaborate.wiring import as_tuple
from archspec.errors import Fault, LimitFault
from archspec.graph.graph import Input, Transform
from archspec.spec.arguments import argument_diagnostics
from archspec.spec.document import Spec
from archspec.spec.transforms import TransformNode

__all__ = ["elaborate_transforms"]

Pipelines = tuple[tuple[str, tuple[Transform, ...]], ...]


def elaborate_transforms(spec: Spec, scope: Scope, inputs: tuple[Input, ...], context: Context) -> Pipelines:
    """The pipelines with every expression evaluated; faults are collected, and the pipelines that have some left out.

    Args:
        spec: the spec, whose transforms are as written.
        scope: the params of the spec; the transforms see its `let` too, as the model does.
        inputs: of the model.
        context: the elaboration.

    Raises:
        Fault: a value of `let` cannot be computed.
    """
    made: list[tuple[str, tuple[Transform, ...]]] = []
    if spec.transforms:
        scope = with_let(spec.block, scope, inputs[0].type if inputs else None, context)
    for name, nodes in spec.transforms.items():
        try:
            transforms = _several(nodes, scope, context)
        except LimitFault:
            raise
        except Fault:
            continue
        _check_crops(transforms, context)
        made.append((name, transforms))
    return tuple(made)


def _several(nodes: tuple[TransformNode, ...], scope: Scope, context: Context) -> tuple[Transform, ...]:
    """A list of transforms, without those that `when` switches off.

    Raises:
        Fault: the first that is wrong, once all are collected.
    """
    made: list[Transform] = []
    faults: list[Fault] = []
    for node in nodes:
        try:
            if node.when is None or evaluate(node.when, scope, context.budget):
                made.append(_transform(node, scope, context))
        except Fault as fault:
            context.collect(fault)
            faults.append(fault)
    if faults:
        raise faults[0]
    return tuple(made)


def _transform(node: TransformNode, scope: Scope, context: Context) -> Transform:
    """One transform, its arguments checked once more when they held expressions.

    Raises:
        Fault: an expression fails, a value is wrong, or two values do not go together.
    """
    transform, written = node.transform, node.arguments
    held = cast("tuple[TransformNode, ...] | None", written.values.get(HELD)) if transform.holds else None
    values: dict[str, object] = {
        name: value if written.constant else as_tuple(evaluate_written(value, scope, context.budget))
        for name, value in written.values.items()
        if name != HELD
    }
    if held is not None:
        values = {HELD: _several(held, scope, context), **values}
    if not written.constant:
        try:
            values = transform.validate(values)
        except ValidationError as error:
            found = argument_diagnostics(transform, error, written.trees, node.type_tree)
            raise wrong_values(found, context) from error
    made = tuple((name, as_tuple(values[name])) for name in transform.arguments if name in values)
    _check(node, transform.defaults | dict(made))
    return Transform(type=transform.name, arguments=made, span=node.type_tree.span)


def _check(node: TransformNode, values: dict[str, object]) -> None:
    """Refuse arguments that do not go together.

    Raises:
        Fault: E1003.
    """
    wrong = wrong_argument(node.transform.name, values)
    if wrong is not None:
        message = f"{node.transform.name} cannot work with this `{wrong.argument}`"
        span = node.arguments.span(wrong.argument) or node.type_tree.span
        raise Fault(Diagnostic(code="E1003", message=message, span=span, found=wrong.found, expected=wrong.expected))


def _check_crops(transforms: tuple[Transform, ...], context: Context, *, inside: bool = False) -> None:
    """Refuse crops of crops, and crops that are made only sometimes."""
    crops = [transform for transform in transforms if transform.type in CROPS]
    for extra in crops if inside else crops[1:]:
        message = f"{extra.type} cannot {'stand inside another transform' if inside else 'make crops of crops'}"
        hint = "put it into the list itself" if inside else f"keep it, or the {crops[0].type} before it"
        context.collect(Fault(Diagnostic(code="E1003", message=message, span=extra.span, hint=hint)))
    for transform in transforms:
        for name, value in transform.arguments:
            if name == HELD:
                _check_crops(cast("tuple[Transform, ...]", value), context, inside=True)
