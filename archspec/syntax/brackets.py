"""Brackets and quotes in an expression: in comes its text, out goes where a bracket closes and what YAML cut off."""

import re
from collections.abc import Iterator

from archspec.fix import Fix, replaced
from archspec.source import Span

__all__ = ["closing", "in_quotes", "nesting", "offset_in", "quoted", "uncut", "unquoted", "whole_value"]

_STRING = r"'''(?:\\.|(?!''').)*'''|" + r'"""(?:\\.|(?!""").)*"""|' + r"'(?:\\.|[^'\\])*'|" + r'"(?:\\.|[^"\\])*"'
_MARK = re.compile(rf"""{_STRING}|['"()\[\]{{}},]""", re.DOTALL)
_QUOTED = re.compile(_STRING, re.DOTALL)
_OPEN, _CLOSE, _LONE = "([{", ")]}", "'\""


def closing(text: str, start: int, stop: int | None = None) -> int | None:
    """The place of the bracket that closes the one at `start`, or None when none does before `stop`.

    >>> closing("$(max(a, ')'))", 1)
    13
    """
    depth = 0
    for place, mark in _marks(text, start, stop):
        if mark in _LONE:
            return None
        depth += (mark in _OPEN) - (mark in _CLOSE)
        if depth == 0:
            return place
    return None


def nesting(text: str) -> int:
    """How deep the brackets of `text` stand in each other."""
    depth = deepest = 0
    for _, mark in _marks(text):
        depth += (mark in _OPEN) - (mark in _CLOSE)
        deepest = max(deepest, depth)
    return deepest


def unquoted(text: str) -> str:
    """The same text, every character of its string literals a space, so that a search sees only the rest."""
    return _QUOTED.sub(lambda literal: " " * len(literal.group()), text)


def offset_in(span: Span, text: str) -> int | None:
    """How far inside `span` the scalar `text` starts: 0 unquoted, 1 quoted, None when it is not written there as it is.

    An escape in a quoted scalar is longer than what it stands for, so the lengths alone tell.
    """
    if span.line != span.end_line:
        return None
    return {0: 0, 2: 1}.get(span.end_column - span.column - len(text))


def uncut(span: Span, text: str) -> str | None:
    """The value that was meant, in quotes, when `text` is only what YAML left of it before a comma or a ` #`.

    >>> from archspec.source import Source
    >>> source = Source.of_text("{a: $(max(b, c))}")
    >>> uncut(Span(source, 1, 5, 1, 12), "$(max(b")
    '"$(max(b, c))"'
    """
    line = span.source.line(span.line)
    if offset_in(span, text) != 0 or not line[span.end_column - 1 :].lstrip().startswith((",", "#")):
        return None
    whole = whole_value(span)
    if whole is None or len(whole) <= len(text):
        whole = f"{text}, …{')' * nesting(text)}"
    return in_quotes(whole)


def whole_value(span: Span) -> str | None:
    """What was meant as one value, from where `span` starts to where its brackets are closed and the rest goes on."""
    return _value(span.source.line(span.line)[span.column - 1 :])


def in_quotes(text: str) -> str:
    """Text as YAML's quotes hold it, without an escape where that can be."""
    return f'"{text}"' if '"' not in text else "'{}'".format(text.replace("'", "''"))


def quoted(span: Span) -> Fix | None:
    """The fix that puts quotes around the whole value that starts with an expression and that YAML cuts off."""
    whole = whole_value(span)
    if whole is None or "\\" in whole or not whole.startswith("$(") or closing(whole, 1) is None:
        return None
    end = span.column + len(whole)
    return replaced(span._replace(end_line=span.line, end_column=end), in_quotes(whole), f"put quotes around `{whole}`")


def _value(line: str) -> str | None:
    """The start of `line` up to where its brackets are closed and the collection around it goes on or ends."""
    depth = 0
    for place, mark in _marks(line, commas=True):
        if mark in _LONE:
            return None
        if depth == 0 and mark in ",]}":
            return line[:place].rstrip()
        depth += (mark in _OPEN) - (mark in _CLOSE)
    return line.rstrip() if depth == 0 else None


def _marks(text: str, start: int = 0, stop: int | None = None, *, commas: bool = False) -> Iterator[tuple[int, str]]:
    """Every bracket outside quotes with its place, up to a quote that is never closed."""
    for match in _MARK.finditer(text, start, len(text) if stop is None else stop):
        mark = match.group()
        if len(mark) == 1 and (commas or mark != ","):
            yield match.start(), mark
        if mark in _LONE:
            return
