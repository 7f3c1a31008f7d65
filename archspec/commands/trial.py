"""One forward of a new model: in come the module and its graph, out goes where it ran and how long it took."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.commands.amounts import memory
from archspec.emit.example_inputs import example_inputs
from archspec.errors import UsageError
from archspec.graph.graph import Block, Graph, ModuleStep, walk
from archspec.graph.types import TensorType, tensors
from archspec.suggest import did_you_mean

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["device_of", "dtype_of", "try_forward"]

DTYPES = ("float32", "float64", "float16", "bfloat16")
LARGEST_TENSOR = 4 << 30  # bytes; a larger one is described, and not allocated only to try the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a model runs and in what floating-point numbers."""

    device: "torch.device"
    dtype: "torch.dtype | None"

    def __str__(self) -> str:
        """As the user writes them."""
        return f"{self.device}" if self.dtype is None else f"{self.device} in {str(self.dtype).removeprefix('torch.')}"


def device_of(name: str | None) -> "torch.device | None":
    """The device of that name.

    Raises:
        UsageError: there is none here.
    """
    import torch

    if name is None:
        return None
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # torch says it in each of these ways
        reason = str(error).split("\n")[0]
        raise UsageError(f"--device {name} cannot be used here: {reason}") from error
    return device


def dtype_of(name: str | None) -> "torch.dtype | None":
    """The floating-point dtype of that name.

    Raises:
        UsageError: it is none.
    """
    import torch

    if name is None:
        return None
    if name not in DTYPES:
        hint = did_you_mean(name, DTYPES, otherwise=f"it is one of {', '.join(DTYPES)}")
        raise UsageError(f"--dtype {name} is no dtype of parameters: {hint}")
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def try_forward(
    model: "nn.Module", graph: Graph, *, device: "torch.device | None" = None, dtype: "torch.dtype | None" = None
) -> str:
    """Run the model once, in eval mode, on random inputs of the shapes it was checked with.

    Integers and booleans are zeros, a run-time string is its first key, and what may be left out is.

    Returns:
        What there is to say: `1.2 ms on cpu, the first run`, or why it was not run.

    Raises:
        UsageError: the device cannot run it in this dtype, or has too little memory.
    """
    import torch

    target = Target(device=torch.device("cpu") if device is None else device, dtype=dtype)
    largest = max((kind.bytes for kind in _tensors(graph)), default=0)
    if target.device.type != "meta" and largest > LARGEST_TENSOR:
        return f"not run: one of its tensors takes {memory(largest)} (--device meta allocates nothing)"
    training = model.training
    try:
        with torch.inference_mode():
            arguments = example_inputs(graph, device=target.device, dtype=target.dtype)
            seconds = _timed(model.eval(), arguments, target.device)
    except torch.OutOfMemoryError as error:
        raise UsageError(f"{target.device} has too little memory to run this model") from error
    except (RuntimeError, NotImplementedError) as error:
        if "not implemented for" not in str(error):
            raise
        raise UsageError(f"this model cannot run on {target}: {error}") from error
    finally:
        model.train(training)
    return (
        f"ran on {target}" if target.device.type == "meta" else f"{seconds * 1000:,.1f} ms on {target}, the first run"
    )


def _timed(model: "nn.Module", arguments: tuple[object, ...], device: "torch.device") -> float:
    import torch

    start = time.perf_counter()
    model(*arguments)
    if device.type not in ("cpu", "meta"):
        torch.accelerator.synchronize(device)
    return time.perf_counter() - start


def _tensors(graph: Graph) -> Iterator[TensorType]:
    """Every tensor that a forward makes or is given."""
    for item in graph.inputs:
        yield from tensors(item.type)
    for _, node in walk(graph.root):
        if node.output is not None:
            yield from tensors(node.output)
        for step in node.steps if isinstance(node, Block) else ():
            if not isinstance(step, ModuleStep) and step.output is not None:
                yield from tensors(step.output)
