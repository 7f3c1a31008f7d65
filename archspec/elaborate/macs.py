"""Multiply-accumulates: in comes a graph, out goes how many one forward in evaluation takes, in all and for each node.

torch's own counter counts, while the concrete graph runs on meta once more.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from archspec.catalog.registry import Registry
from archspec.elaborate.context import Context
from archspec.elaborate.elaborate import called, rerun_context
from archspec.elaborate.rerun import rerun
from archspec.elaborate.shapes import Shapes
from archspec.errors import Fault, LimitFault
from archspec.graph.graph import Graph
from archspec.graph.types import Type
from archspec.limits import Limits

if TYPE_CHECKING:
    from torch.utils.flop_counter import FlopCounterMode

__all__ = ["Macs", "count_macs"]

BATCH = "N"
FLOPS_PER_MAC = 2  # torch's counter has the multiplication and the addition apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Macs:
    """The multiply-accumulates of one forward in evaluation.

    What is counted are the multiplications of convolutions and of products of matrices and vectors, also where they are
    a part of another layer, as in LSTM or attention, and whether or not a mask hides their results. All else is not:
    biases, sums, activations, normalisations, poolings, embeddings.

    Attributes:
        total: of the whole model.
        inputs: what it was run with, by name: as the check does, but with a batch of one.
        by_path: of each node that takes any, with everything below it, by its path in the spec.
    """

    total: int
    inputs: Mapping[str, Type]
    by_path: Mapping[str, int]


def count_macs(graph: Graph, *, registry: Registry, limits: Limits) -> Macs:
    """Count the multiply-accumulates of a model.

    The batch is the dimension `N`, or where no input has one the first of the first input. Where the model cannot run
    with a batch of one, it is counted as it was checked.

    Raises:
        Fault: it cannot run while it is counted (only a registered class may refuse that).
    """
    batch = _batch(graph)
    try:
        return _counted(graph, {} if batch is None else {batch: 1}, registry, limits)
    except LimitFault:
        raise
    except Fault:
        return _counted(graph, {}, registry, limits)


def _batch(graph: Graph) -> str | None:
    shapes = [item.dims for item in graph.inputs if item.dims]
    if any(BATCH in dims for dims in shapes):
        return BATCH
    return shapes[0][0] if shapes else None


def _counted(graph: Graph, sizes: Mapping[str, int], registry: Registry, limits: Limits) -> Macs:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    aten = torch.ops.aten
    vectors = {aten.mv: _product(0), aten.addmv: _product(1), aten.dot: _product(0)}  # torch counts matrices only
    context = rerun_context(graph, registry=registry, limits=limits)
    inputs = called(graph.inputs, sizes)
    with FlopCounterMode(display=False, custom_mapping=vectors) as counter:
        counting = _Counting(registry, context, counter)
        context.shapes = counting
        rerun(graph.root, inputs, context)
    names = [item.name for item in graph.inputs]
    return Macs(
        total=counting.by_path[""],
        inputs=MappingProxyType(dict(zip(names, inputs.positional, strict=True))),
        by_path=MappingProxyType(dict(counting.by_path)),
    )


def _product(matrix: int) -> Callable[..., int]:
    """The flops of a product with a vector, of which the argument `matrix` is the other factor."""
    return lambda *shapes, **_: FLOPS_PER_MAC * prod(shapes[matrix])


class _Counting(Shapes):
    """Runs each layer and operation once, as `Shapes` does, and adds what it takes to every path that it is in."""

    def __init__(self, registry: Registry, context: Context, counter: "FlopCounterMode") -> None:
        super().__init__(registry)
        self.by_path: Counter[str] = Counter()
        self._context = context
        self._counter = counter
        self._counted: dict[object, tuple[Any, int]] = {}

    def _recall(self, memory: dict[object, Any], key: object, run: Callable[[], object], work: int = 1) -> Any:
        del memory, work  # it knows what things give, not what they take
        if key not in self._counted:
            before, self.turns = self._counter.get_total_flops(), 1
            given = run()
            flops = (self._counter.get_total_flops() - before) * self.turns
            self._counted[key] = given, flops // FLOPS_PER_MAC
        given, macs = self._counted[key]
        if macs and not self._context.aside:
            path = self._context.path
            self.by_path.update({".".join(path[:depth]): macs for depth in range(len(path) + 1)})
        return given
