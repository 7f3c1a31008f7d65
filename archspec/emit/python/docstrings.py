"""Docstrings: in comes the `doc` of a spec, out go the lines of it that speak of the model."""

import ast
from collections.abc import Iterator
from textwrap import wrap

from archspec.emit.python.expressions import escaped
from archspec.emit.python.layout import WIDTH, Documented

__all__ = ["docstring_of"]

_PARAGRAPHS = 2
_INDENT = 4


def docstring_of(doc: str) -> Iterator[Documented]:
    """The first two paragraphs: what the model is, and where it comes from. What follows explains the spec itself."""
    paragraphs = [part for part in doc.strip().split("\n\n") if part.strip()][:_PARAGRAPHS]
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += ["", *_wrapped(paragraph)]
    if lines:
        yield Documented([*map(_safe, lines[1:])])


def _wrapped(paragraph: str) -> list[str]:
    """The lines of a paragraph, laid out anew where one is too long."""
    lines = [line.rstrip() for line in paragraph.strip().split("\n")]
    width = WIDTH - _INDENT - len('"""')
    if all(len(line) <= width for line in lines):
        return lines
    return wrap(" ".join(line.strip() for line in lines), width, break_long_words=False, break_on_hyphens=False)


def _safe(line: str) -> str:
    """A line that ends no string, whatever it holds."""
    text = escaped(line).replace('"""', '\\"\\"\\"')
    return f'{text[:-1]}\\"' if text.endswith('"') else text
