"""Proof that what was exported is the model: in come both, out goes nothing or an error that says how they differ."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from archspec.diagnostic import escape
from archspec.elaborate.vary import checked_sizes
from archspec.emit.example_inputs import inputs_for
from archspec.errors import ExportError
from archspec.graph.graph import Graph

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["TOLERANCE", "agrees", "check_agreement", "largest_difference", "outputs", "trial", "trial_sizes"]

TOLERANCE = 1e-4  # of the spread of the values: other kernels, or another order of sums, change the last digits
ROUNDINGS = 4  # how often the model's own rounding is no difference: the copy rounds too, and not the same way
MOST = 1e-2  # of the spread: what differs by more is another model, however it rounds
LEAST_SPREAD = 1 / 20  # of the largest value: values that differ by less are told apart by few of a float's digits


def check_agreement(
    graph: Graph, model: "nn.Module", exported: Callable[..., Any], *, varying: Collection[str], what: str
) -> None:
    """Run both on the same inputs, at the sizes that were checked and with all that varies one larger.

    Random numbers that the model draws are the same for both.

    Args:
        graph: the model.
        model: the module that was built of it, in evaluation.
        exported: what was made of that.
        varying: the named dimensions that vary in it.
        what: it is called in the error.

    Raises:
        ExportError: it fails where the model runs, or gives something else.
    """
    for sizes in trial_sizes(graph, varying):
        tried = trial(graph, model, sizes)
        if tried is None:
            continue  # each dimension may vary, and all of them together need not: then there is nothing to compare
        inputs, expected = tried
        try:
            given = outputs(exported, inputs)
        except Exception as error:  # what an exporter made may raise anything
            raise ExportError(f"{what} fails where the model runs, at {_said(sizes)}: {_reason(error)}") from error
        difference = largest_difference(expected, given)
        if not agrees(model, inputs, expected, difference):
            raise ExportError(f"{what} gives something else than the model, by {difference:.1e} at {_said(sizes)}")


def trial_sizes(graph: Graph, varying: Collection[str]) -> Iterator[dict[str, int]]:
    """The sizes of named dimensions to compare at."""
    sizes = checked_sizes(graph)
    yield sizes
    if varying:
        yield {name: size + 1 if name in varying else size for name, size in sizes.items()}


def trial(
    graph: Graph, model: "nn.Module", sizes: Mapping[str, int]
) -> "tuple[tuple[object, ...], list[torch.Tensor]] | None":
    """Random inputs of the sizes, and what a model gives for them; None where it does not run.

    Integers are zeros only where the model takes no others: of tokens that are all the same, attention makes the same
    whatever its mask is.
    """
    for varied in (True, False):
        with suppress(RuntimeError, IndexError):  # torch has both for an index that is too large
            inputs = inputs_for(model, graph, sizes, varied=varied)
            return inputs, outputs(model, inputs)
    return None


def outputs(call: Callable[..., Any], inputs: Sequence[object]) -> "list[torch.Tensor]":
    """Every tensor that a call gives, in order; what it draws at random is the same each time."""
    import torch
    from torch.utils._pytree import tree_leaves

    with torch.random.fork_rng([]), torch.no_grad():
        torch.manual_seed(0)
        given = tree_leaves(call(*inputs))
    return [value for value in given if isinstance(value, torch.Tensor)]


def agrees(model: "nn.Module", inputs: Sequence[object], expected: "Sequence[torch.Tensor]", difference: float) -> bool:
    """Whether a difference is one of rounding: within the tolerance, or within what the model itself loses by it.

    Random weights can make a deep model so steep that the last digits of its first layers move its outputs by more than
    the tolerance. How far it is from what it gives in float64 says so; that is looked at only in doubt.
    """
    if difference <= TOLERANCE or difference > MOST:
        return difference <= TOLERANCE
    return difference <= ROUNDINGS * _rounding(model, inputs, expected)


def _rounding(model: "nn.Module", inputs: Sequence[object], expected: "Sequence[torch.Tensor]") -> float:
    """How far a model is from its copy in float64, or 0 where that does not run."""
    import torch

    def exact(value: object) -> object:
        is_float = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.double() if is_float else value  # type: ignore[attr-defined]

    with suppress(RuntimeError, TypeError):
        return largest_difference(outputs(deepcopy(model).double(), [*map(exact, inputs)]), expected)
    return 0.0


def largest_difference(expected: "Sequence[torch.Tensor]", given: "Sequence[torch.Tensor]") -> float:
    """How far apart two outputs are, as a part of how far the values of each tensor spread (their standard deviation).

    Where they are all but the same, the spread is taken to be a twentieth of the largest value, and where that is 0, to
    be 1. Outputs of another number or of other shapes are infinitely far apart.
    """
    if [value.shape for value in expected] != [value.shape for value in given]:
        return inf
    return max(map(_difference, expected, given), default=0.0)


def _difference(expected: "torch.Tensor", given: "torch.Tensor") -> float:
    exact, other = expected.double(), given.double()
    differs = (exact != other) & ~(exact.isnan() & other.isnan())
    if not differs.any():
        return 0.0
    distance = float((exact - other)[differs].abs().amax()) / _spread(exact[exact.isfinite()])
    return distance if isfinite(distance) else inf


def _spread(values: "torch.Tensor") -> float:
    if not values.numel():
        return 1.0
    return max(float(values.std(correction=0)), LEAST_SPREAD * float(values.abs().amax())) or 1.0


def _said(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={size}" for name, size in sizes.items()) or "the sizes that were checked"


def _reason(error: BaseException) -> str:
    return escape(str(error).strip().partition("\n")[0] or type(error).__name__)
