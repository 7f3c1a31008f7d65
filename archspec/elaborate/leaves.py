"""Layers: in come written arguments and input types, out goes a `Leaf` with its shapes proved."""

import re
from dataclasses import replace

from pydantic import ValidationError

from archspec.catalog.construct import LayerCall
from archspec.catalog.inferred import Dimension, inferred
from archspec.catalog.modules import Layer
from archspec.diagnostic import Diagnostic, quote
from archspec.elaborate.context import Context
from archspec.elaborate.contradiction import Claim, check_claim
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.modules import resolve
from archspec.elaborate.reasons import expected_by, one_of_several, said
from archspec.elaborate.scope import ModuleValue, Scope
from archspec.elaborate.shapes import NotRunnable, Ran
from archspec.elaborate.wiring import as_tuple, unknown_input
from archspec.errors import Fault
from archspec.graph.graph import Leaf, Size, State
from archspec.graph.types import TensorType, Type, describe
from archspec.source import Span
from archspec.spec.arguments import argument_diagnostics, is_constant
from archspec.spec.node import LayerNode, ModuleArgument, ParamNode, Wiring
from archspec.syntax.tree import Mapping, Scalar, Sequence

__all__ = ["check_dtype", "check_flags", "elaborate_layer", "evaluated", "wrong_values"]

_RANK = re.compile(r"([123])d$")


def elaborate_layer(
    node: LayerNode, scope: Scope, inputs: Inputs | None, context: Context, *, around: Inputs | None = None
) -> Leaf:
    """A layer that ran on meta; without `inputs` it is made and not run.

    Args:
        node: the layer as written.
        scope: the names that its arguments may read.
        inputs: what it is called with.
        context: what the elaboration shares.
        around: what the layer is called with that this one is an argument of; it decides what is not written.

    Raises:
        Fault: an argument is missing, wrong or against the input, or the layer cannot take its input.
    """
    layer, span = node.layer, node.span
    _check_count(layer, node, inputs, context)
    given = evaluated(layer, node, scope, inputs or around, context)
    arguments = _complete(layer, given, node, inputs or around, context)
    ran = _run(layer, arguments, node, inputs, context)
    check_dtype(layer.name, ran.state, inputs, span, context)
    context.check_type(ran.output, span)
    if ran.bytes > context.limits.meta_parameter_bytes:
        context.limits.check("meta_parameter_bytes", ran.bytes, span, "bytes of parameters", context.where)
    return Leaf(
        type=layer.name,
        arguments=arguments,
        output=ran.output,
        state=ran.state,
        size=Size(ran.modules, ran.parameters, ran.bytes),
        span=span,
    )


def evaluated(
    layer: Layer, node: LayerNode, scope: Scope, inputs: Inputs | None, context: Context
) -> dict[str, object]:
    """The written arguments as values, checked by the layer's own model once more when they held expressions.

    Raises:
        Fault: an expression fails, or its value is wrong for the argument.
    """
    written = node.arguments
    if written.constant and not any(isinstance(value, ModuleArgument) for value in written.values.values()):
        return dict(written.values)
    around = None if inputs is None else _first(layer, inputs)
    values = {name: _value(value, scope, around, context) for name, value in written.values.items()}
    if written.constant:
        return values
    try:
        return layer.validate(values)
    except ValidationError as error:
        trees = {name: written.trees[name] for name in values}
        raise wrong_values(argument_diagnostics(layer, error, trees, node.type_tree, context.where), context) from error


def wrong_values(diagnostics: list[tuple[Diagnostic, str]], context: Context) -> Fault:
    """The first of several wrong arguments, once the others are collected."""
    faults = [_with_chain(diagnostic, context) for diagnostic, _ in diagnostics]
    for fault in faults:
        context.collect(fault)
    return faults[0]


def _with_chain(diagnostic: Diagnostic, context: Context) -> Fault:
    number = diagnostic.found.strip("`")
    if not diagnostic.hint and "an integer" in diagnostic.expected and re.fullmatch(r"-?\d+\.0", number):
        diagnostic = replace(diagnostic, hint="`$(int(…))` makes an integer of it; `//` divides integers")
    return Fault(replace(diagnostic, notes=(*diagnostic.notes, *context.chain())))


def _first(layer: Layer, inputs: Inputs) -> Inputs:
    """The first input alone: the only one that a layer and those among its arguments have in common."""
    kind = _input_type(layer, Dimension(0, 0), inputs)
    return Inputs() if kind is None else Inputs((kind,), sources=inputs.sources[:1])


def _value(value: object, scope: Scope, around: Inputs | None, context: Context) -> object:
    if isinstance(value, ModuleArgument):
        value = ModuleValue(value.node, scope)
    elif not is_constant(value):
        value = evaluate_written(value, scope, context.budget)  # type: ignore[arg-type]
    if not isinstance(value, ModuleValue):
        return value
    passed, inner = value.node, value.scope
    if isinstance(passed, ParamNode):
        passed, inner = resolve(passed, inner, context)
    if not isinstance(passed, LayerNode):
        message, found = "only a layer can be the argument of a layer", quote(passed.type)
        raise context.fault("E0304", message, value.node.span, found=found)
    made = elaborate_layer(passed, inner, None, context, around=around)
    return LayerCall(made.type, made.arguments)


def _complete(
    layer: Layer, given: dict[str, object], node: LayerNode, inputs: Inputs | None, context: Context
) -> tuple[tuple[str, object], ...]:
    """Every argument: those written, checked against the input, and those that the input decides."""
    _refuse_missing(layer, given, node, inputs, context)
    for name, dimension in inferred(layer.name).items():
        kind = _input_type(layer, dimension, inputs)
        if not isinstance(kind, TensorType):
            continue
        if name not in given:
            given[name] = _inferred(layer, name, dimension, kind, node, inputs, context)
        else:
            assert inputs is not None, "the type is that of an input"
            claim = Claim(node=node, name=name, value=given[name], dimension=dimension, kind=kind)
            given[name] = check_claim(claim, inputs, context)
    return tuple((name, as_tuple(given[name])) for name in layer.arguments if name in given)


def _refuse_missing(
    layer: Layer, given: dict[str, object], node: LayerNode, inputs: Inputs | None, context: Context
) -> None:
    """Refuse a layer that lacks an argument which its input does not decide."""
    if layer.required <= given.keys():
        return
    read = [
        name
        for name, where in inferred(layer.name).items()
        if isinstance(_input_type(layer, where, inputs), TensorType)
    ]
    needed = [name for name in layer.arguments if name in layer.required and name not in read]
    missing = [name for name in needed if name not in given]
    for name in filter(inferred(layer.name).get, missing):
        _refuse_several(layer, name, node, inputs, context)
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        written = dict.fromkeys(missing, "…")
        behind = node.tree.get(node.type) if isinstance(node.tree, Mapping) else None
        if isinstance(behind, Sequence) and len(behind.items) == len(needed):  # what the input decides is among them
            texts = [item.text if isinstance(item, Scalar) else "…" for item in behind.items]
            written = dict(zip(needed, texts, strict=True))
        hint = f"write {layer.name}: {{{', '.join(f'{name}: {value}' for name, value in written.items())}}}"
        if behind is not None and written.keys() != set(missing):
            hint = f"by position the first is `{next(iter(layer.arguments))}`: {hint}"
        raise context.fault("E0303", f"{layer.name} needs {names}", node.span, hint=hint)


def _refuse_several(layer: Layer, name: str, node: LayerNode, inputs: Inputs | None, context: Context) -> None:
    """Refuse an input that is no tensor, so that it decides nothing."""
    dimension = inferred(layer.name)[name]
    kind = _input_type(layer, dimension, inputs)
    if inputs is not None and kind is not None:
        message = f"{layer.name} cannot read `{name}` from {inputs.source(dimension.input)}, which is no tensor"
        hint = one_of_several(inputs.positional, inputs.sources)
        raise context.fault("E0605", message, node.span, trail=inputs.sources, found=describe(kind), hint=hint)


def _input_type(layer: Layer, dimension: Dimension, inputs: Inputs | None) -> Type | None:
    if inputs is None:
        return None
    if dimension.input < len(inputs.positional):
        return inputs.positional[dimension.input]
    name = layer.inputs[dimension.input] if dimension.input < len(layer.inputs) else None
    return dict(inputs.keywords).get(name or "")


def _inferred(  # noqa: PLR0913 - what an error needs to say
    layer: Layer,
    name: str,
    dimension: Dimension,
    kind: TensorType,
    node: LayerNode,
    inputs: Inputs | None,
    context: Context,
) -> int:
    rank = _RANK.search(layer.name)
    wanted = int(rank[1]) + 2 if rank is not None and dimension.dim == 1 else None
    fits = wanted is None or len(kind.shape) == wanted or (layer.name.endswith("Norm1d") and len(kind.shape) == 2)  # noqa: PLR2004
    if fits and -len(kind.shape) <= dimension.dim < len(kind.shape):
        return kind.shape[dimension.dim]
    assert inputs is not None
    expected = _ranks(layer, wanted) if wanted else "more dimensions"
    message = f"{layer.name} cannot read `{name}` from an input of {len(kind.shape)} dimensions"
    found = f"{describe(kind)} from {inputs.source(dimension.input)}"
    raise context.fault("E0605", message, node.span, trail=inputs.sources, found=found, expected=expected)


def _ranks(layer: Layer, wanted: int) -> str:
    if layer.name == "BatchNorm1d":
        return "2 or 3 dimensions, such as N×C or N×C×L"
    return f"{wanted} dimensions, such as {('N×C×L', 'N×C×H×W', 'N×C×D×H×W')[wanted - 3]}"


def _run(
    layer: Layer, arguments: tuple[tuple[str, object], ...], node: LayerNode, inputs: Inputs | None, context: Context
) -> Ran:
    try:
        return context.shapes.layer(layer.name, arguments, inputs or Inputs())
    except NotRunnable as error:
        if not error.made:
            message = f"{layer.name} cannot be made with these arguments"
            found, expected = quote(dict(arguments)), expected_by(error.reason)
            span = next(filter(None, map(node.arguments.span, re.findall(r"\w+", error.reason))), node.span)
            raise context.fault(
                "E0304", message, span, found=found, expected=expected, notes=said(error.reason)
            ) from error
        assert inputs is not None
        raise _cannot_run(layer, node, inputs, error, context) from error


# Layers whose input is not what their parameters are multiplied with.
_LOOK_UPS = ("Embedding", "EmbeddingBag")


def check_dtype(type_name: str, state: tuple[State, ...], inputs: Inputs | None, span: Span, context: Context) -> None:
    """Refuse a first input of another dtype than the parameters: meta kernels do not look, the real ones do.

    Raises:
        Fault: E0602.
    """
    dtypes = {item.dtype for item in state if item.is_parameter}
    kind = inputs.positional[0] if inputs is not None and inputs.positional else None
    if not isinstance(kind, TensorType) or not dtypes or kind.dtype in dtypes or type_name in _LOOK_UPS:
        return
    layer = context.registry.layer(type_name)
    if inputs is None or layer is None or layer.is_registered:
        return
    message = f"{context.name()} expects {' or '.join(sorted(dtypes))} and gets {kind.dtype} from {inputs.source()}"
    hint = f"convert it first, with the operation `to: {{dtype: {min(dtypes)}}}`"
    raise context.fault("E0602", message, span, found=describe(kind), hint=hint)


def _cannot_run(layer: Layer, node: LayerNode, inputs: Inputs, error: NotRunnable, context: Context) -> Fault:
    message = f"{layer.name} cannot take {' and '.join(_given(inputs))}"
    expected, notes = expected_by(error.reason), said(error.reason)
    hint = _hint(layer, inputs, expected, error.reason)
    return context.fault("E0602", message, node.span, trail=inputs.sources, expected=expected, notes=notes, hint=hint)


def _hint(layer: Layer, inputs: Inputs, expected: str, reason: str) -> str:
    if "is_causal hint" in reason:
        mask = next((name for name in _MASKS if name in layer.inputs), "attn_mask")
        return (
            f"`is_causal` only tells PyTorch what the mask is: give it as `{mask}` in `from`, "
            "or use the operation `scaled_dot_product_attention`, which needs none"
        )
    if "int64" in expected:
        return "declare the dtype of the input: {shape: […], dtype: int64}"
    return "" if expected else one_of_several(inputs.positional, inputs.sources)


_MASKS = ("attn_mask", "mask", "src_mask", "tgt_mask")


def _given(inputs: Inputs) -> list[str]:
    given = [f"{describe(kind)} from {inputs.source(index)}" for index, kind in enumerate(inputs.positional)]
    return given + [f"{describe(kind)} as `{name}`" for name, kind in inputs.keywords]


def check_flags(layer: Layer, inputs: Inputs, wiring: Wiring, context: Context) -> None:
    """Refuse what is neither true nor false for an input of a layer that is, which Python would take as either.

    Raises:
        Fault: E0304, at the value.
    """
    for name, value in inputs.constants:
        may_be_null = layer.flags.get(name)
        if may_be_null is None or isinstance(value, bool) or (may_be_null and value is None):
            continue
        tree = wiring.trees.get("with")
        span = tree.entries[name][1].span if isinstance(tree, Mapping) and name in tree else wiring.span("with")
        message = f"`{name}` of {layer.name} has a wrong value"
        raise context.fault("E0304", message, span, found=quote(value), expected="true or false")


def _check_count(layer: Layer, node: LayerNode, inputs: Inputs | None, context: Context) -> None:
    """Refuse too few and too many inputs, before anything is inferred from them."""
    if inputs is None:
        return
    for name, _ in (*inputs.keywords, *inputs.constants):
        if name not in layer.inputs and not layer.is_registered:
            raise unknown_input(f"{layer.name} has no input {quote(name)}", name, layer.inputs, node, context)
    check_flags(layer, inputs, node.wiring, context)
    count = len(inputs.positional) + len(inputs.keywords) + sum(name in layer.inputs for name, _ in inputs.constants)
    too_many = len(inputs.positional) > len(layer.inputs) and not layer.variadic_inputs
    if count >= layer.required_inputs and not too_many:
        return
    least, most = layer.required_inputs, len(layer.inputs)
    names = layer.inputs if too_many else layer.inputs[:least]
    wanted = f"{least} to {most}" if least < most else str(most) if too_many else str(least)
    message = f"{layer.name} takes {wanted} input{'' if wanted == '1' else 's'} ({', '.join(names)}) and gets {count}"
    hint = "name one with `from`" if wanted == "1" else f"name them: from: {{{', '.join(f'{n}: …' for n in names)}}}"
    raise context.fault("E0503", message, node.span, found="; ".join(_given(inputs)), hint=hint)
