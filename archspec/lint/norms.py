"""What stands before a normalisation: in comes a `Trace`, out go warnings about biases and dropouts there."""

from collections.abc import Iterator, Sequence

from archspec.diagnostic import Diagnostic, Note
from archspec.graph.graph import Leaf
from archspec.lint.kinds import (
    ACTIVATIONS,
    BATCH_NORMS,
    CONVOLUTIONS,
    DROPOUTS,
    INSTANCE_NORMS,
    POOLS,
    TRANSPOSED,
    is_view,
    rank_of,
)
from archspec.lint.trace import Run, Tensor, Trace

__all__ = ["bias_before_norm", "dropout_before_norm"]

# How many layers back a dropout is looked for, so that the work stays linear in the model.
FARTHEST = 8

_MATRIX = 2  # the rank of [N, features]


def bias_before_norm(trace: Trace) -> Iterator[Diagnostic]:
    """W0201: a bias that the normalisation behind it takes away again.

    All that reads the layer's output, each time that it runs, must be a normalisation that subtracts the mean of each
    of its channels; and nothing else may share the bias.
    """
    useful: set[str] = set()
    before: dict[str, tuple[Run, Run]] = {}
    for tensor in trace.tensors:
        run = tensor.maker
        if run is not None and _has_bias(run):
            readers = trace.readers.get(tensor.number, ())
            if readers and tensor.number not in trace.returned and all(_cancels(norm, tensor) for norm in readers):
                before.setdefault(run.path, (run, readers[0]))
            else:
                useful.add(run.path)
    needed = {run.span for run in trace.runs if run.path in useful}
    for path, (run, norm) in before.items():
        if path not in useful and f"{path}.bias" not in trace.tied:
            yield _bias_warning(run, norm, elsewhere=run.span in needed)


def _has_bias(run: Run) -> bool:
    layer = run.type in CONVOLUTIONS or run.type in TRANSPOSED or run.type == "Linear"
    return layer and isinstance(run.node, Leaf) and any(state.name == "bias" for state in run.node.state)


def _cancels(norm: Run, tensor: Tensor) -> bool:
    """Whether a run subtracts, for each channel that the maker of the tensor has a bias for, the mean over the rest."""
    if norm.first != (tensor,) or tensor.maker is None:
        return False
    rank = len(tensor.kind.shape)
    if tensor.maker.type == "Linear":
        return norm.type in BATCH_NORMS and rank == _MATRIX
    return norm.type in BATCH_NORMS | INSTANCE_NORMS and rank == rank_of(tensor.maker.type) + 2


def _bias_warning(run: Run, norm: Run, *, elsewhere: bool) -> Diagnostic:
    hint = "write `bias: false`"
    if elsewhere:
        hint = "write `bias: $(…)`, false where a normalisation follows; other layers of this line need their bias"
    return Diagnostic(
        code="W0201",
        message=f"the bias of this {run.type} has no effect: {norm.type} subtracts it again with the mean",
        span=run.span,
        path=run.path,
        hint=hint,
        notes=(Note(message=f"this {norm.type} reads it", span=norm.span),),
    )


def dropout_before_norm(trace: Trace) -> Iterator[Diagnostic]:
    """W0202: a dropout that makes a batch norm learn another variance than it meets in evaluation.

    Between the two stands nothing that has weights.
    """
    for norm in trace.runs:
        if norm.type in BATCH_NORMS and norm.arguments.get("track_running_stats", True):
            dropout = _dropout(norm.first)
            if dropout is not None:
                yield Diagnostic(
                    code="W0202",
                    message=f"{dropout.type} before {norm.type} changes the variance in training and not in evaluation",
                    span=dropout.span,
                    path=dropout.path,
                    hint=f"move it behind the last {norm.type}, or remove one of the two",
                    notes=(Note(message=f"this {norm.type} keeps the variance of training", span=norm.span),),
                )


def _dropout(tensors: Sequence[Tensor]) -> Run | None:
    """The dropout that a tensor comes from, past what has no weights."""
    for _ in range(FARTHEST):
        run = tensors[0].maker if len(tensors) == 1 else None
        if run is None:
            return None
        if run.type in DROPOUTS:
            return run if run.arguments.get("p", 1) else None
        if not (is_view(run.type) or run.type in ACTIVATIONS or run.type in POOLS or run.type.startswith("Adaptive")):
            return None
        tensors = run.first
    return None
