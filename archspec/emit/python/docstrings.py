"""Docstrings: in comes the `doc` of a spec, out go the lines of it that speak of the model."""

import re
from collections.abc import Iterator
from textwrap import wrap

from archspec.emit.python.expressions import escaped
from archspec.emit.python.layout import Documented
from archspec.emit.python.wrapping import STEP, WIDTH

__all__ = ["docstring_of"]

# A full stop after a word of at least three characters, before a capital letter.
_SENTENCE = re.compile(r"[^\s.]{3,}[\")]?\.(?=\s+[A-Z])")
_PARAGRAPHS = 2


def docstring_of(doc: str) -> Iterator[Documented]:
    """What the model is, and where it comes from: the first paragraph, and the first sentence of the second.

    What follows in a `doc` explains the spec, and speaks of words that are not in the Python file.
    """
    paragraphs = [part for part in doc.strip().split("\n\n") if part.strip()][:_PARAGRAPHS]
    paragraphs[1:] = [_first_sentence(part) for part in paragraphs[1:]]
    lines: list[str] = []
    for paragraph in paragraphs:
        quotes = 0 if lines else 2 * len('"""')  # the first one may have both on its line
        lines += ["", *_wrapped(paragraph, WIDTH - STEP - quotes)]
    if lines:
        yield Documented([*map(_safe, lines[1:])])


def _first_sentence(paragraph: str) -> str:
    """A paragraph up to the first full stop that ends a sentence; those after an initial do not."""
    end = _SENTENCE.search(paragraph)
    return paragraph if end is None else paragraph[: end.end()]


def _wrapped(paragraph: str, width: int) -> list[str]:
    """The lines of a paragraph, laid out anew where one is too long."""
    lines = [line.rstrip() for line in paragraph.strip().split("\n")]
    if all(len(line) <= width for line in lines):
        return lines
    return wrap(" ".join(line.strip() for line in lines), width, break_long_words=False, break_on_hyphens=False)


def _safe(line: str) -> str:
    """A line that ends no string, whatever it holds."""
    text = escaped(line).replace('"""', '\\"\\"\\"')
    return f'{text[:-1]}\\"' if text.endswith('"') else text
