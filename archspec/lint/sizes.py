"""What strides leave over: in comes a `Trace`, out go warnings about what nothing reads, and images of 1×1."""

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.diagnostic import Diagnostic, Note
from archspec.graph.graph import DEFAULT_SIZE, Graph, Leaf
from archspec.graph.types import TensorType, describe
from archspec.lint.kinds import CONVOLUTIONS, POOLS, rank_of
from archspec.lint.trace import Run, Trace

__all__ = ["convolution_of_one", "cut_off", "sizes_are_meant"]

# A dimension that loses less than one part in this many lost it to a border that nobody looks at.
SMALLEST_PART = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """How a kernel slides along one dimension."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def lost(self) -> int:
        """How many positions at the end no kernel reaches.

        It is the remainder of the formula for the output size in the documentation of `torch.nn.Conv2d`. A stride
        larger than the kernel leaves a gap after each window, so the last gap is not counted.
        """
        reach = self.dilation * (self.kernel - 1) + 1
        left = (self.size + 2 * self.padding - reach) % self.stride
        return max(0, left - self.padding - max(0, self.stride - reach))


def sizes_are_meant(graph: Graph) -> bool:
    """Whether the sizes that a model was checked at are those that its spec has in mind.

    A dimension that has a name and no size was checked at some size; behind the batch, that decides all the others.
    """
    return not any(
        name is not None and size == DEFAULT_SIZE
        for item in graph.inputs
        if isinstance(item.type, TensorType)
        for name, size in tuple(zip(item.dims, item.type.shape, strict=False))[1:]
    )


def cut_off(trace: Trace) -> Iterator[Diagnostic]:
    """W0205: a stride that never reaches a tenth or more of a dimension."""
    for run in trace.runs:
        windows = _windows(run)
        bad = [dim for dim, window in windows.items() if window.lost * SMALLEST_PART >= window.size > 0 < window.lost]
        if bad:
            yield _cut_off_warning(run, windows, bad)


def _cut_off_warning(run: Run, windows: dict[int, _Window], bad: list[int]) -> Diagnostic:
    window = windows[bad[0]]
    kept = window.size - window.lost
    last = "last" if window.lost == 1 else f"last {window.lost}"
    which = f"dimension {bad[0]}" if len(bad) == 1 else f"dimensions {' and '.join(map(str, bad))}"
    fix = "" if run.type in CONVOLUTIONS else ", or set `ceil_mode: true`"
    return Diagnostic(
        code="W0205",
        message=f"{run.type} never reads the {last} of {window.size} positions in {which}",
        span=run.span,
        path=run.path,
        found=f"kernel {window.kernel}, stride {window.stride}, padding {window.padding} on {_shape(run)}",
        expected=f"a size of {kept} or {kept + window.stride}, which the stride divides evenly",
        hint=f"change the size or the padding{fix}",
    )


def convolution_of_one(trace: Trace) -> Iterator[Diagnostic]:
    """W0206: a convolution of an image that has one position left, of which most weights meet nothing but padding.

    Only the first is told of; a kernel of 1, as in a squeeze-and-excitation, is as good there as a linear layer.
    """
    found = [run for run in trace.runs if run.type in CONVOLUTIONS and _is_one(run)]
    if found:
        yield _of_one_warning(found[0], others=len({run.path for run in found}) - 1)


def _is_one(run: Run) -> bool:
    if not run.first or any(size > 1 for size in run.first[0].kind.shape[-rank_of(run.type) :]):
        return False
    windows = _windows(run).values()
    return bool(windows) and all(item.size == 1 for item in windows) and any(item.kernel > 1 for item in windows)


def _of_one_warning(run: Run, *, others: int) -> Diagnostic:
    kernel = "×".join(str(window.kernel) for window in _windows(run).values())
    notes = [Note(message=f"so do {others} further convolutions")] if others > 1 else []
    notes += [Note(message="so does one further convolution")] if others == 1 else []
    shrunk = _shrunk_by(run)
    if shrunk is not None:
        notes.append(Note(message=f"{shrunk.type} leaves one position of {_shape(shrunk)}", span=shrunk.span))
    return Diagnostic(
        code="W0206",
        message=f"{run.type} reads an image of one position: all but one weight of each {kernel} kernel meet padding",
        span=run.span,
        path=run.path,
        found=_shape(run),
        hint="give the model a larger input, or remove a stride or a pooling before it",
        notes=tuple(notes),
    )


def _shrunk_by(run: Run) -> Run | None:
    """What made one position of an image that had more."""
    rank, tensors = rank_of(run.type), run.first
    while tensors and tensors[0].maker is not None:
        maker = tensors[0].maker
        tensors = maker.first
        if tensors and any(size > 1 for size in tensors[0].kind.shape[-rank:]):
            return maker
    return None


def _windows(run: Run) -> dict[int, _Window]:
    """How a convolution or pooling slides, by dimension of its input; empty for all else and where nothing is missed.

    Modules that run again are left out, since the sizes known are those of the first time.
    """
    slides = run.type in CONVOLUTIONS or run.type in POOLS
    if not slides or run.again or len(run.first) != 1 or run.arguments.get("ceil_mode"):
        return {}
    rank, shape, arguments = rank_of(run.type), run.first[0].kind.shape, run.arguments
    kernel = _each(_kernel(run), rank)
    stride = (
        kernel if arguments.get("stride") is None and run.type in POOLS else _each(arguments.get("stride", 1), rank)
    )
    padding, dilation = _padding(arguments.get("padding", 0), rank), _each(arguments.get("dilation", 1), rank)
    if kernel is None or stride is None or padding is None or dilation is None or len(shape) < rank:
        return {}
    first = len(shape) - rank
    return {
        first + index: _Window(
            size=shape[first + index],
            kernel=kernel[index],
            stride=stride[index],
            padding=padding[index],
            dilation=dilation[index],
        )
        for index in range(rank)
    }


def _kernel(run: Run) -> object:
    """The size of a kernel: an argument, or what an operation that gets its weight as a tensor sees of that."""
    if "kernel_size" in run.arguments or isinstance(run.node, Leaf):
        return run.arguments.get("kernel_size")
    weight = run.inputs[1] if len(run.inputs) > 1 else ()
    return weight[0].kind.shape[2:] if len(weight) == 1 else None


def _padding(value: object, rank: int) -> tuple[int, ...] | None:
    """The padding of each dimension; that of `same`, which allows no stride, is of no interest."""
    return _each(0 if isinstance(value, str) else value, rank)


def _each(value: object, rank: int) -> tuple[int, ...] | None:
    """A number for each dimension, of one for all or one for each."""
    values = (value,) * rank if isinstance(value, int) else value
    if not isinstance(values, (tuple, list)) or len(values) not in {1, rank}:
        return None
    numbers = [item for item in values if isinstance(item, int)]
    return tuple(numbers * rank)[:rank] if len(numbers) == len(values) else None


def _shape(run: Run) -> str:
    return describe(run.first[0].kind)
