"""What a loss is given: in comes a `Trace`, out go warnings about probabilities where logits are meant."""

from collections.abc import Iterator

from archspec.diagnostic import Diagnostic, Note
from archspec.lint.kinds import LOSSES_OF_LOGITS, PROBABILITIES, is_view
from archspec.lint.trace import Run, Tensor, Trace

__all__ = ["probabilities_as_logits"]

# How many views back a softmax is looked for, so that the work stays linear in the model.
FARTHEST = 8

_WORD = "logits"


def probabilities_as_logits(trace: Trace) -> Iterator[Diagnostic]:
    """W0204: a softmax or sigmoid whose result goes into a loss that applies one itself, or is called `logits`.

    A model that returns probabilities under another name may mean them, so nothing is said of it.
    """
    for run in trace.runs:
        applied = LOSSES_OF_LOGITS.get(run.type)
        maker = None if applied is None else _maker(run.first)
        if maker is not None:
            yield _into_loss(maker, run, str(applied))
    for named in trace.names:
        maker = _maker(named.tensors) if _WORD in named.name.split("_") else None
        if maker is not None:
            yield _as_logits(maker, named.name)


def _maker(tensors: tuple[Tensor, ...]) -> Run | None:
    """The softmax or sigmoid that gives a tensor, past what only gives it another shape."""
    for _ in range(FARTHEST):
        run = tensors[0].maker if len(tensors) == 1 else None
        if run is None or run.type in PROBABILITIES:
            return run
        if not is_view(run.type):
            return None
        tensors = run.first
    return None


def _into_loss(maker: Run, loss: Run, applied: str) -> Diagnostic:
    return Diagnostic(
        code="W0204",
        message=f"{maker.type} before {loss.type}, which takes logits and applies {applied} itself",
        span=maker.span,
        path=maker.path,
        hint=f"remove it, and apply {PROBABILITIES[maker.type]} only where probabilities are shown",
        notes=(Note(message=f"this {loss.type} reads it", span=loss.span),),
    )


def _as_logits(maker: Run, name: str) -> Diagnostic:
    return Diagnostic(
        code="W0204",
        message=f"`{name}` is what {maker.type} gives, but logits are the numbers before {PROBABILITIES[maker.type]}",
        span=maker.span,
        path=maker.path,
        hint=f"remove the {maker.type}, which a cross-entropy applies itself, or call its result `probabilities`",
    )
