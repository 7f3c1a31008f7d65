"""The linter: in comes a `Graph`, out go warnings about what is valid and probably not meant, in the order of the text.

Each check reads the trace of one forward, and its docstring says when it speaks. `codes/lint.py` tells users why.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from archspec.diagnostic import Diagnostic, Note
from archspec.errors import Collector
from archspec.graph.graph import Graph
from archspec.lint.in_place import overwritten
from archspec.lint.losses import probabilities_as_logits
from archspec.lint.norms import bias_before_norm, dropout_before_norm
from archspec.lint.sizes import convolution_of_one, cut_off, sizes_are_meant
from archspec.lint.trace import Trace, trace

if TYPE_CHECKING:
    from archspec.source import Span

__all__ = ["lint"]

Check = Callable[[Trace], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (bias_before_norm, dropout_before_norm, overwritten, probabilities_as_logits)
"""Those that ask what feeds what."""

CHECKS_OF_SIZES: tuple[Check, ...] = (cut_off, convolution_of_one)
"""Those that ask how large it is, which make sense only at the sizes that a model is meant for."""


def lint(graph: Graph) -> tuple[Diagnostic, ...]:
    """Warn about what is probably not meant, once for each line of the spec however often it is repeated."""
    traced = trace(graph)
    if traced is None:
        return ()
    checks = (*CHECKS, *CHECKS_OF_SIZES) if sizes_are_meant(graph) else CHECKS
    collector = Collector()
    for warning in _once_a_line(found for check in checks for found in check(traced)):
        collector.add(warning)
    return collector.finish()


def _once_a_line(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The first warning of each code at each place, with how many more modules it is true of."""
    first: dict[tuple[str, Span | None], Diagnostic] = {}
    paths: dict[tuple[str, Span | None], set[str]] = {}
    for warning in found:
        place = (warning.code, warning.span)
        first.setdefault(place, warning)
        paths.setdefault(place, set()).add(warning.path)
    for place, warning in first.items():
        yield _with_count(warning, len(paths[place]) - 1)


def _with_count(warning: Diagnostic, others: int) -> Diagnostic:
    if not others:
        return warning
    note = Note(message=f"this is `{warning.path}`, and {others:,} more like it are made here")
    return replace(warning, notes=(*warning.notes, note))
