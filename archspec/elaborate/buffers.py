"""Buffers worked out by a formula: in come the formula and the value it starts from, out goes the buffer's type.

`compute` of a step is run for its type while the spec is checked, on meta; for its numbers when the module is built.
"""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from archspec.catalog.formula import Formula, checked_formula, parse_formula
from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, quote
from archspec.elaborate.context import Context
from archspec.elaborate.reasons import expected_by, said
from archspec.elaborate.shapes import NotRunnable, reason_of, to_meta
from archspec.errors import Fault
from archspec.graph.graph import TensorStep
from archspec.graph.types import TensorType, Type, describe
from archspec.source import Span

__all__ = ["computed_type", "computed_value"]

# The name by which a formula reads what it starts from.
_START = "value"


def computed_type(text: object, start: TensorType, span: Span, context: Context) -> tuple[str, TensorType]:
    """The formula of a buffer, checked, and the type of its result; nothing is allocated.

    Raises:
        Fault: it is no formula, reads something else, cannot be computed, or gives no tensor.
        LimitFault: it would take too many steps, or too much memory when the model is built.
    """
    if not isinstance(text, str):
        expected = "a formula over `value`, such as `value + 1`"
        raise context.fault("E0304", "Buffer: `compute` has a wrong value", span, found=quote(text), expected=expected)
    formula = parse_formula(text, span, context.registry, context.limits)
    context.step(span, formula.steps)
    for name in formula.names:
        if name != _START:
            message = f"the formula of a Buffer reads `{_START}` only, and not {quote(name)}"
            hint = "what reads other nodes is a node of its own, with `compute`"
            raise context.fault("E0501", message, formula.part(name), expected=_START, hint=hint)
    result = _on_meta(formula, start, context)
    if not isinstance(result, TensorType):
        message, hint = "Buffer: `compute` gives no tensor", "an index such as `[0]` takes one of several"
        raise context.fault("E0304", message, span, found=describe(result), expected="a tensor", hint=hint)
    context.check_type(result, span)
    return formula.text, result


def _on_meta(formula: Formula, start: TensorType, context: Context) -> Type:
    made, key = _Made(), ("buffer", formula.text, start)

    def run() -> object:
        with made:
            return formula.run({_START: to_meta(start)})

    try:
        result = context.shapes.compute(key, run, formula.text)
    except NotRunnable as error:
        message = f"{quote(formula.text)} cannot be computed"
        found = f"`{_START}` is {describe(start)}"
        expected, notes = expected_by(error.reason), said(error.reason)
        raise context.fault("E0603", message, formula.span, found=found, expected=expected, notes=notes) from error
    what = "bytes of all tensors that this formula makes when the model is built"
    context.limits.check("parameter_bytes", made.bytes, formula.span, what, context.where)
    if made.random:
        message = f"{quote(formula.text)} is random, and a Buffer is the same each time the model is built"
        hint = "`init` fills a Buffer with random numbers: {shape: …, init: normal}"
        raise context.fault("E0603", message, formula.span, hint=hint)
    context.worked.setdefault(key, made.work)
    context.buffer_work += context.worked[key]
    what = "numbers that formulas of buffers work out when the model is built"
    context.limits.check("buffer_work", context.buffer_work, formula.span, what, context.where)
    return result


class _Made(TorchDispatchMode):
    """Counts what PyTorch makes and does, within an operation too, and sees whether any of it is random.

    Attributes:
        bytes: of all tensors that are made; views count in full.
        work: the numbers in them, and the multiplications and additions of products.
        random: whether the result differs each time.
    """

    def __init__(self) -> None:
        """Nothing is made yet."""
        super().__init__()  # type: ignore[no-untyped-call] # torch gives it no types
        self.bytes = self.work = 0
        self.random = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run what is to be run, and count what it does."""
        made = func(*args, **(kwargs or {}))
        tensors = [item for item in tree_leaves(made) if isinstance(item, torch.Tensor)]
        self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
        flops = flop_registry.get(func.overloadpacket)
        self.work += sum(tensor.numel() for tensor in tensors)
        self.work += 0 if flops is None else flops(*args, **(kwargs or {}), out_val=made)
        self.random |= torch.Tag.nondeterministic_seeded in func.tags
        return made


def computed_value(step: TensorStep, registry: Registry) -> torch.Tensor:
    """What the formula of a buffer makes of its value, on the CPU whatever the device, so that it is always the same.

    Raises:
        Fault: E0603, the numbers do not fit, such as an index that is out of range; meta tensors have none.
    """
    assert step.compute is not None
    formula = checked_formula(step.compute, registry)
    try:
        with torch.no_grad():
            made = formula.run({_START: torch.tensor(step.value, device="cpu")})
    except Exception as error:  # whatever a kernel raises is the user's to read
        message = f"{quote(step.compute)} cannot be computed"
        notes = said(reason_of(error))
        diagnostic = Diagnostic(code="E0603", message=message, span=step.span, path=step.name, notes=notes)
        raise Fault(diagnostic) from error
    assert isinstance(made, torch.Tensor), "the elaborator ran it on meta"
    return made.contiguous()
