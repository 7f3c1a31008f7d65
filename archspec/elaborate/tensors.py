"""`Parameter` and `Buffer`: in come the arguments as written, out go steps that register a tensor, shapes proved."""

from collections.abc import Mapping
from typing import Any, cast

from archspec.diagnostic import quote
from archspec.elaborate.buffers import computed_type
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.initialise import initialiser, trial
from archspec.elaborate.scope import Scope
from archspec.elaborate.shapes import of_value
from archspec.elaborate.wiring import as_tuple
from archspec.fix import respelled
from archspec.graph.graph import State, TensorStep
from archspec.graph.types import TensorType
from archspec.spec.node import TensorNode
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Tree

__all__ = ["tensor_step"]

_TENSOR_KEYS = {
    "Parameter": ("shape", "init", "dtype"),
    "Buffer": ("shape", "init", "value", "compute", "dtype", "persistent"),
}


def tensor_step(name: str, node: TensorNode, scope: Scope, context: Context) -> TensorStep:
    """A parameter, or a buffer.

    Raises:
        Fault: it is declared wrongly.
    """
    known = _TENSOR_KEYS[node.type]
    for key, tree in node.arguments.trees.items():
        if key not in known:
            span = _key_of(node, key, tree).span
            raise context.fault(
                "E0302",
                f"{node.type} has no argument {quote(key)}",
                span,
                expected=", ".join(known),
                hint=did_you_mean(key, known),
                fix=respelled(span, key, set(known) - set(node.arguments.trees)),
            )
    raw = node.arguments.values
    values = {key: evaluate_written(raw[key], scope, context.budget) for key in raw if key != "init"}
    kind, value = _tensor_type(node, values, context)
    compute, kind = _computed(node, values, kind, context) if "compute" in values else (None, kind)
    init = None
    if value is None:
        if "init" not in raw:
            hint = f"write {node.type}: {{shape: …, init: zeros}}"
            raise context.fault(
                "E0303",
                f"{node.type} needs `init`",
                node.span,
                expected="an initialiser such as zeros, or {normal: {std: 0.02}}",
                hint=hint,
            )
        tree = node.arguments.trees["init"]
        init = initialiser(raw["init"], tree, scope, context)
        trial(*init, kind.shape, tree.span, f"`{name}`", context)
    is_parameter = node.type == "Parameter"
    state = State(
        name=name,
        shape=kind.shape,
        dtype=kind.dtype,
        is_parameter=is_parameter,
        persistent=is_parameter or _flag(node, values, context),
    )
    return TensorStep(name=name, state=state, init=init, value=value, compute=compute, output=kind, span=node.span)


def _key_of(node: TensorNode, key: str, value: Tree) -> Tree:
    """Where the name of an argument stands."""
    arguments = node.tree.get(node.type) if isinstance(node.tree, TreeMapping) else None
    return arguments.entries[key][0] if isinstance(arguments, TreeMapping) else value


def _computed(
    node: TensorNode, values: Mapping[str, object], start: TensorType, context: Context
) -> tuple[str, TensorType]:
    """The formula of a buffer, and what it makes of `value`; a `dtype` is that of the result."""
    span = node.arguments.trees["compute"].span
    if "value" not in values:
        message, hint = "Buffer: `compute` needs a `value` to start from", "add one, such as `value: $(range(8))`"
        raise context.fault("E0303", message, span, hint=hint)
    text, kind = computed_type(values["compute"], start, span, context)
    return text, TensorType(kind.shape, str(values["dtype"])) if "dtype" in values else kind


def _flag(node: TensorNode, values: Mapping[str, object], context: Context) -> bool:
    value = values.get("persistent", True)
    if not isinstance(value, bool):
        raise context.fault(
            "E0304",
            "Buffer: `persistent` has a wrong value",
            node.arguments.span("persistent"),
            found=quote(value),
            expected="true or false",
        )
    return value


def _tensor_type(node: TensorNode, values: Mapping[str, object], context: Context) -> tuple[TensorType, object]:
    import torch

    dtype = values.get("dtype", "float32")
    if not isinstance(dtype, str) or not isinstance(getattr(torch, dtype, None), torch.dtype):
        raise context.fault(
            "E0304",
            f"{node.type}: `dtype` has a wrong value",
            node.arguments.span("dtype"),
            found=quote(dtype),
            expected="a dtype such as float32",
        )
    if node.type == "Parameter" and not (getattr(torch, dtype).is_floating_point or getattr(torch, dtype).is_complex):
        raise context.fault(
            "E0304",
            "Parameter: `dtype` has a wrong value",
            node.arguments.span("dtype"),
            found=quote(dtype),
            expected="a floating-point or complex dtype: only these have gradients",
            hint="integers that are no parameters are a Buffer",
        )
    if "value" in values:
        for key in ("shape", "init"):
            if key in node.arguments.values:
                message, hint = (
                    f"{node.type} has a `value`, which leaves nothing for `{key}` to say",
                    "keep one of them",
                )
                raise context.fault("E0304", message, node.arguments.span(key), hint=hint)
        try:
            written = "dtype" in values and "compute" not in values
            made = torch.tensor(values["value"], dtype=getattr(torch, dtype) if written else None)
        except (ValueError, TypeError, RuntimeError, OverflowError) as error:
            raise context.fault(
                "E0304",
                f"{node.type}: `value` has a wrong value",
                node.arguments.span("value"),
                found=quote(values["value"]),
                expected="a number, or nested lists of numbers of equal length",
            ) from error
        kind = cast("TensorType", of_value(made))
        context.check_type(kind, node.arguments.span("value") or node.span)
        return kind, as_tuple(values["value"])
    shape = values.get("shape")
    if shape is None:
        raise context.fault(
            "E0303", f"{node.type} needs `shape`", node.span, hint=f"write {node.type}: {{shape: [1, 64], init: zeros}}"
        )
    return TensorType(_shape(shape, node, context), dtype), None


def _shape(shape: Any, node: TensorNode, context: Context) -> tuple[int, ...]:
    sizes = shape if isinstance(shape, list) else [shape]
    whole = all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in sizes)
    if not whole:
        raise context.fault(
            "E0304",
            f"{node.type}: `shape` has a wrong value",
            node.arguments.span("shape"),
            found=quote(shape),
            expected="a list of whole numbers, 0 or more",
        )
    context.check_type(TensorType(tuple(sizes)), node.span)
    return tuple(sizes)
