"""Fixes: in comes a fault's place and what was meant, out go the edits that mend it, where nothing can be in doubt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archspec.source import Span
from archspec.suggest import typo_of

__all__ = ["Edit", "Fix", "replaced", "respelled"]

# What YAML reads as the text that it is, in quotes or not.
_PLAIN = re.compile(r"(?!(?:null|true|false)\Z)[A-Za-z_][\w./-]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Text that takes the place of a stretch of a source; of an empty one, it is put in."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What mends a fault.

    Attributes:
        title: what changes, in one line.
        edits: the changes, none over another.
    """

    title: str
    edits: tuple[Edit, ...]


def respelled(span: Span | None, name: str, known: Iterable[str], *, meant: str | None = None) -> Fix | None:
    """The fix of a misspelt name; None unless it is a typo of one name alone.

    Args:
        span: where the name is, perhaps among other text.
        name: what is written there.
        known: the names that there are.
        meant: the right name, where that is known.
    """
    meant = meant or typo_of(name, known)
    if span is None or meant is None or not _PLAIN.fullmatch(meant):
        return None
    written = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    places = [match.start() for match in re.finditer(rf"(?<![\w.]){re.escape(name)}(?!\w)", written)]
    if span.line != span.end_line or len(places) != 1:
        return None
    return replaced(span.inside(places[0], len(name)), meant, f"write `{meant}` for `{name}`")


def replaced(span: Span, text: str, title: str) -> Fix:
    """The fix that puts `text` in the place of what stands at `span`."""
    return Fix(title=title, edits=(Edit(span=span, text=text),))
