"""The model that is written: in comes the name of a preset, out come its module and what that gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

import archspec
from archspec.compiler import Compilation
from archspec.elaborate.vary import checked_sizes
from archspec.emit.agreement import agrees, largest_difference, outputs, trial

__all__ = ["BATCHES", "Sample", "Trial", "sample", "size"]

BATCHES = (2, 3)
Trial = tuple[tuple[object, ...], list[torch.Tensor]]
"""Inputs, and what the model gives for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A model in evaluation, whose outputs depend on its inputs.

    Attributes:
        compilation: its spec.
        model: the module.
        trials: what it gives at each batch size.
    """

    compilation: Compilation
    model: nn.Module
    trials: tuple[Trial, ...]

    @property
    def static(self) -> list[str]:
        """All named dimensions but the batch: traced with more of them, large models take minutes."""
        return list(checked_sizes(self.compilation.graph))[1:]

    def difference(self, read: Callable[..., Any]) -> float:
        """How far what was read is from the model at most, at all batch sizes; no further than by rounding."""
        found = []
        for inputs, expected in self.trials:
            found.append(largest_difference(expected, outputs(read, inputs)))
            assert agrees(self.model, inputs, expected, found[-1]), f"{found[-1]:.1e}"
        return max(found)


def sample(name: str, batches: Sequence[int] = BATCHES) -> Sample:
    """A preset, with random weights.

    Those that a spec begins with would prove little: heads that are all zeros, and features that vanish before norms
    have seen any, give the same for every input.
    """
    compilation = archspec.compile(name)
    graph = compilation.graph
    model = compilation.build(seed=0)
    batch = next(iter(checked_sizes(graph)))
    with torch.random.fork_rng([]), torch.no_grad():
        torch.manual_seed(0)
        _disturb(model)
        _calibrate(model, compilation)
        trials = [trial(graph, model.eval(), {batch: size}) for size in batches]
    assert None not in trials, "every preset takes batches of any size"
    return Sample(compilation=compilation, model=model, trials=tuple(filter(None, trials)))


def _disturb(model: nn.Module) -> None:
    """Add a little to what starts as one number, so that nothing is without effect."""
    for value in model.state_dict().values():
        if value.is_floating_point() and value.min() == value.max():
            value.add_(torch.rand_like(value) * 0.1)  # upwards only: variances stay positive


def _calibrate(model: nn.Module, compilation: Compilation) -> None:
    """Let the norms see one batch, and take its mean and variance for theirs."""
    norms = {module: module.momentum for module in model.modules() if isinstance(module, _BatchNorm)}
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the average of all batches, of which there is one
    if norms:
        trial(compilation.graph, model.train(), {})
    for norm, momentum in norms.items():
        norm.momentum = momentum


def size(compilation: Compilation) -> int:
    """How many bytes the tensors of a model take; it is not built for that."""
    model = compilation.build(device="meta")
    return sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
