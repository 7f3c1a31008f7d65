"""What is overwritten too early: in comes a `Trace`, out go warnings about layers that change what others need."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from archspec.diagnostic import Diagnostic, Note
from archspec.graph.graph import Leaf
from archspec.lint.kinds import is_in_place
from archspec.lint.trace import Run, Tensor, Trace

__all__ = ["overwritten"]

# These ask a tensor for its shape and dtype, not for its elements.
_READ_NO_ELEMENTS = frozenset(
    {
        "arange",
        "eye",
        "full",
        "full_like",
        "linspace",
        "new_full",
        "new_ones",
        "new_zeros",
        "ones",
        "ones_like",
        "rand",
        "rand_like",
        "randn",
        "randn_like",
        "zeros",
        "zeros_like",
    }
)  # fmt: skip - a word list is read in lines


@dataclass(slots=True)
class _Memory:
    """One stretch of memory, and who looks at it through which tensor.

    Attributes:
        first: the tensor that it was allocated for.
        made: when each of its tensors came to be, in order.
        last: for each of them, the last run that reads it or one before it, and None as long as there is none.
        learns: the first run that has weights and reads it, so that its gradients need what was there.
        returned: the first of its tensors that the model gives back.
    """

    first: Tensor
    made: list[int] = field(default_factory=list)
    last: list[Run | None] = field(default_factory=list)
    learns: Run | None = None
    returned: Tensor | None = None


def overwritten(trace: Trace) -> Iterator[Diagnostic]:
    """W0203: a layer that works in place on a tensor which is still needed.

    By what runs later and reads the same memory through a tensor that was there before; by a layer with weights that
    ran earlier, whose gradients need its input; or by whoever gave the model this tensor, or gets it back.
    """
    memories = _memories(trace)
    for run in trace.runs:
        if is_in_place(run.arguments):
            for tensor in run.first:
                need = _need(run, memories[tensor.memory])
                if need is not None:
                    yield _warning(run, *need)
                    break


def _memories(trace: Trace) -> dict[int, _Memory]:
    memories: dict[int, _Memory] = {}
    for tensor in trace.tensors:
        memory = memories.setdefault(tensor.memory, _Memory(first=tensor))
        readers = [run for run in trace.readers.get(tensor.number, ()) if run.type not in _READ_NO_ELEMENTS]
        latest = max((*readers[-1:], *filter(None, memory.last[-1:])), key=lambda run: run.index, default=None)
        memory.made.append(tensor.made_at)
        memory.last.append(latest)
        learners = [run for run in readers if _learns(run)]
        if learners and (memory.learns is None or learners[0].index < memory.learns.index):
            memory.learns = learners[0]
        if tensor.number in trace.returned and memory.returned is None:
            memory.returned = tensor
    return memories


def _learns(run: Run) -> bool:
    """Whether it is a layer with weights, which PyTorch keeps the input of for the backward pass."""
    return isinstance(run.node, Leaf) and any(state.is_parameter for state in run.node.state)


def _need(run: Run, memory: _Memory) -> tuple[str, Run | None] | None:
    """What still needs the memory that a run overwrites: in words, and the other run if it is one."""
    before = bisect_left(memory.made, run.index)  # so many of its tensors were there when this one ran
    later = memory.last[before - 1]
    if later is not None and later.index > run.index and not later.excludes(run):
        return f"{later.type} reads it afterwards and gets the changed values", later
    if memory.learns is not None and memory.learns.index < run.index and not memory.learns.excludes(run):
        return f"{memory.learns.type} read it before and needs it for its gradients", memory.learns
    if memory.first.origin:
        return f"that is {memory.first.origin}", None
    if memory.returned is not None and memory.returned.made_at < run.index and not _only_without(run, memory.returned):
        return "the model returns it too, with the changed values", None
    return None


def _only_without(run: Run, tensor: Tensor) -> bool:
    """Whether a tensor comes to be only where the run does not run."""
    return tensor.maker is not None and tensor.maker.excludes(run)


def _warning(run: Run, reason: str, other: Run | None) -> Diagnostic:
    return Diagnostic(
        code="W0203",
        message=f"{run.type} overwrites its input, and {reason}",
        span=run.span,
        path=run.path,
        hint="remove `inplace: true`",
        notes=() if other is None else (Note(message=f"this {other.type} needs it", span=other.span),),
    )
