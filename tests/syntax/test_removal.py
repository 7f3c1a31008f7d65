"""Keys taken out of a text."""

import pytest

from archspec.source import Source
from archspec.syntax.parse import parse
from archspec.syntax.removal import removal
from archspec.syntax.tree import Mapping


def _without(text: str, key: str) -> str | None:
    """The text without the key `key` of the mapping behind its first key."""
    tree = parse(Source.of_text(text))
    assert isinstance(tree, Mapping)
    inner = next(iter(tree.entries.values()))[1]
    assert isinstance(inner, Mapping)
    span = removal(inner, key)
    if span is None:
        return None
    lines = text.split("\n")
    before = [*lines[: span.line - 1], lines[span.line - 1][: span.column - 1]]
    after = [lines[span.end_line - 1][span.end_column - 1 :], *lines[span.end_line :]]
    return "\n".join(before) + "\n".join(after)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {x: 1, y: 2}  # c\n", "a: {y: 2}  # c\n"),
        ("a: {y: 2, x: 1}\n", "a: {y: 2}\n"),
        ("a: {y: [2, 3] , x: 1 }\n", "a: {y: [2, 3] }\n"),
        ("a: {z: 0, x: [1], y: 2}\n", "a: {z: 0, y: 2}\n"),
        ('a: {"x": 1}\n', "a: {}\n"),
        ("a:\n  x: 1\n  y: 2\n", "a:\n  y: 2\n"),
        ("a:\n  y: 2\n  x: 1\nb: 3\n", "a:\n  y: 2\nb: 3\n"),
        ("a: {\n  x: 1,\n  y: 2}\n", None),
        ("a:\n  x: 1  # why\n  y: 2\n", None),
        ("a:\n  x: 1\n", None),
        ("a:\n  y: 2\n  x: 1", None),
        ("a:\n  x:\n    - 1\n  y: 2\n", None),
    ],
)
def test_what_goes_with_a_key(text: str, expected: str | None) -> None:
    """A comma or a whole line, never a comment; what is no simple cut is left to the author."""
    assert _without(text, "x") == expected
