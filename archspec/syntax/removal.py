"""Keys taken out of a text: in come a mapping and a key, out goes the stretch of text to delete with it."""

from archspec.source import Span
from archspec.syntax.tree import Mapping, Tree

__all__ = ["removal"]


def removal(tree: Mapping, key: str) -> Span | None:
    """What to delete so that the key and its value are gone and nothing else is; None where that is no simple cut.

    In braces a comma goes with it, on lines of its own the whole line. A line with a comment is none: the comment
    may be about the value, or not.
    """
    scalar, value = tree.entries[key]
    start, end = scalar.span, value.span
    if start.line != end.line or end.line != end.end_line:
        return None
    here = Span(start.source, start.line, start.column, end.end_line, end.end_column)
    return _in_braces(tree, key, here) if _has_braces(tree) else _line(tree, here)


def _has_braces(tree: Tree) -> bool:
    span = tree.span
    return span.source.line(span.line)[span.column - 1 : span.column] == "{"


def _in_braces(tree: Mapping, key: str, here: Span) -> Span | None:
    names = list(tree.entries)
    index = names.index(key)
    if index + 1 < len(names):
        following = tree.entries[names[index + 1]][0].span
        fits = following.line == here.line
        return here._replace(end_column=following.column) if fits else None
    if index == 0:
        return here
    before = tree.entries[names[index - 1]][1].span
    return here._replace(column=before.end_column) if before.end_line == here.line else None


def _line(tree: Mapping, here: Span) -> Span | None:
    line, lines = here.source.line(here.line), here.source.lines()
    alone = not line[: here.column - 1].strip() and not line[here.end_column - 1 :].strip()
    if len(tree) == 1 or not alone or here.line == len(lines):
        return None
    return here._replace(column=1, end_line=here.line + 1, end_column=1)
