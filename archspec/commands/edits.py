"""Fixes made: in come a text and the fixes that were found in it, out goes the text with those that can be made."""

import re
from collections.abc import Iterable, Sequence

from archspec.errors import Collector, Fault
from archspec.fix import Edit, Fix
from archspec.limits import Limits
from archspec.source import Source
from archspec.syntax.parse import parse

__all__ = ["made", "spliced"]

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # where libyaml ends a line


def made(text: str, fixes: Iterable[Fix], limits: Limits) -> tuple[str, tuple[Fix, ...]]:
    """The text with the fixes, and which were made.

    Of two that overlap only the first is made; and none that leaves a text that is worse YAML than before: two
    misspelt keys may both be meant to be the same one, which can be there once.
    """
    chosen = _apart(fixes)
    changed = spliced(text, chosen)
    before = _faults(text, limits)
    if _faults(changed, limits) <= before:
        return changed, chosen
    good: tuple[Fix, ...] = ()
    for fix in chosen:
        if _faults(spliced(text, (*good, fix)), limits) <= before:
            good = (*good, fix)
    return spliced(text, good), good


def spliced(text: str, fixes: Sequence[Fix]) -> str:
    """The text with all edits of the fixes, which do not overlap; everything else stays, to the last byte."""
    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    for edit in sorted(_edits(fixes), key=_place, reverse=True):
        span = edit.span
        start, end = starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
        text = f"{text[:start]}{edit.text}{text[end:]}"
    return text


def _edits(fixes: Iterable[Fix]) -> list[Edit]:
    return [edit for fix in fixes for edit in fix.edits]


def _place(edit: Edit) -> tuple[int, int, int, int]:
    return edit.span[1:]


def _apart(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """The fixes in the order of the text, without those that overlap an earlier one."""
    chosen: list[Fix] = []
    for fix in sorted(dict.fromkeys(fixes), key=lambda fix: _place(fix.edits[0])):
        if not any(_overlap(mine, other) for mine in fix.edits for other in _edits(chosen)):
            chosen.append(fix)
    return tuple(chosen)


def _overlap(one: Edit, other: Edit) -> bool:
    first, second = sorted((_place(one), _place(other)))
    return first == second or second[:2] < first[2:]


def _faults(text: str, limits: Limits) -> int:
    """How many faults the text has as YAML."""
    collector = Collector()
    try:
        parse(Source.of_text(text), limits, collector)
    except Fault:
        return len(collector.diagnostics) + 1
    return len(collector.diagnostics)
