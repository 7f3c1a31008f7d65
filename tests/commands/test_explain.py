"""`archspec explain`."""

from collections.abc import Callable

import pytest
from typer.testing import Result

from archspec.codes import CODES, Code


def test_a_code_is_explained_in_parts(invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Title, meaning, an example and the fix, in that order; the code's case does not matter."""
    entry = Code(title="a title", meaning="What is wrong.\n", example="a: 1\nb: 2\n", fix="a: 2")
    monkeypatch.setitem(CODES, "E0301", entry)
    result = invoke("explain", "e0301")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == ("E0301: a title\n\nWhat is wrong.\n\nExample:\n    a: 1\n    b: 2\n\nFixed:\n    a: 2\n")


def test_a_warning_of_the_linter_says_why_and_where_that_is_from(invoke: Callable[..., Result]) -> None:
    """Who is told that something valid is wrong wants to know who says so."""
    result = invoke("explain", "W0201")
    parts = result.stdout.split("\n\n")
    assert [part.split()[0] for part in parts] == ["W0201:", "A", "Why:", "Source:", "Example:", "Fixed:"]
    assert "arXiv:1502.03167" in parts[3]


@pytest.mark.parametrize("width", [80, 120])
def test_prose_is_wrapped_between_words(invoke: Callable[..., Result], width: int) -> None:
    """A terminal would break the lines within words; an address alone may be wider than the terminal."""
    for code, entry in CODES.items():
        lines = invoke("explain", code, env={"COLUMNS": str(width)}).stdout.split("\n\nExample:")[0].splitlines()
        assert all(len(line) <= width or " " not in line for line in lines), code
        assert " ".join(entry.meaning.split()) in " ".join(lines), code


def test_without_a_code_all_are_listed(invoke: Callable[..., Result]) -> None:
    """A user finds out what can be wrong at all."""
    result = invoke("explain")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"{name}  {entry.title}" for name, entry in CODES.items()]


def test_an_unknown_code_is_a_usage_error(invoke: Callable[..., Result]) -> None:
    """The nearest code is offered."""
    result = invoke("explain", "E031")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: there is no code `E031`: did you mean `E0301`?\n"
