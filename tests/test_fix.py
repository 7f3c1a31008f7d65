"""Fixes of misspelt names: only where it can be no other name, and only where the text can be found."""

import pytest

from archspec.fix import respelled
from archspec.source import Source, Span
from archspec.suggest import mistakes, typo_of

LAYERS = ["Conv1d", "Conv2d", "Conv3d", "Dropout", "Dropout2d", "ReLU", "ReLU6", "SELU", "GELU"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("conv2d", "Conv2d"),  # case
        ("Conv_2d", "Conv2d"),  # underscores
        ("Conv2", "Conv2d"),
        ("Relu", "ReLU"),
        ("Dropot", "Dropout"),
        ("Dropuot", "Dropout"),  # two letters swapped
        ("Conv", None),  # any of three
        ("Conv4d", None),  # a digit is no slip
        ("ELU", None),  # too short to tell
        ("RELU7", None),
        ("Linear", None),
    ],
)
def test_a_typo_is_of_one_name_alone(name: str, meant: str | None) -> None:
    """`check --fix` writes no name that the author may not have meant."""
    assert typo_of(name, LAYERS) == meant


@pytest.mark.parametrize(("name", "other", "count"), [("", "", 0), ("a", "", 1), ("abc", "acb", 1), ("ca", "abc", 3)])
def test_mistakes_are_counted(name: str, other: str, count: int) -> None:
    """A swap of neighbours is one mistake; letters between them are not looked over."""
    assert (mistakes(name, other), mistakes(other, name)) == (count, count)


def _fix(line: str, start: int, end: int, name: str, known: list[str]) -> tuple[int, int, str] | None:
    fix = respelled(Span(Source.of_text(line), 1, start, 1, end), name, known)
    if fix is None:
        return None
    (edit,) = fix.edits
    return edit.span.column, edit.span.end_column, edit.text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a: steem", (4, 9, "stem")),
        ('a: "steem"', (5, 10, "stem")),
        ("a: steem[0]", (4, 9, "stem")),
        ("a: $(steem + 1)", (6, 11, "stem")),
        ("a: steem + steem", None),  # which of them?
        ("a: steems", None),
        (r'a: "ste\u0065m"', None),  # written otherwise
    ],
)
def test_only_the_name_is_replaced(line: str, expected: tuple[int, int, str] | None) -> None:
    """Quotes, items and the rest of an expression stay."""
    assert _fix(line, 4, len(line) + 1, "steem", ["stem", "head"]) == expected


def test_a_name_that_yaml_reads_otherwise_is_not_written() -> None:
    """`null` without quotes is no name."""
    assert _fix("a: nul", 4, 7, "nul1", ["null"]) is None
    assert _fix("a: nulll", 4, 9, "nulll", ["null"]) is None
