"""Printing: safe, unbroken, coloured only where colour is wanted."""

import io
import sys

import pytest

from archspec.commands.console import console, print_diagnostics, print_text, printable, summary, width_of
from archspec.diagnostic import Diagnostic
from archspec.source import Source, Span

SPAN = Span(Source.of_text("a: 1\n", name="x.yaml"), 1, 4, 1, 5)
WARNING = Diagnostic(code="W0102", message="odd [bold]x[/bold] :smile:", span=SPAN)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from an environment that asks for nothing."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_pipe_gets_no_escape_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Text that is not shown in a terminal is only text."""
    print_diagnostics([WARNING])
    assert "\x1b" not in capsys.readouterr().err


def test_a_terminal_sees_severity_and_caret_in_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The eye finds the kind and the place of a fault; markup and emoji codes are shown as they are written."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    print_diagnostics([WARNING])
    assert capsys.readouterr().err == (
        "x.yaml:1:4: \x1b[1;33mwarning[W0102]\x1b[0m: odd [bold]x[/bold] :smile:\n"
        "  |\n1 | a: 1\n  |    \x1b[1;33m^\x1b[0m\n\n"
    )


def test_no_color_takes_the_colours_away(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`NO_COLOR` wins over a terminal that has colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    print_diagnostics([WARNING])
    assert "33m" not in capsys.readouterr().err


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor that reads `file:line:column` and a person who copies a line both need it whole."""
    monkeypatch.setenv("COLUMNS", "40")
    print_text("word " * 100)
    assert capsys.readouterr().out == "word " * 100 + "\n"


def test_control_characters_are_escaped() -> None:
    """Lines stay lines; whatever else moves a cursor or hides text does not reach the terminal."""
    assert printable("a\x1b[2J\r\n\u202eb\x07") == "a\\x1b[2J\\r\n\\u202eb\\x07"


def test_a_terminal_without_unicode_shows_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shape's `×` is no reason to fail."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    print_text("2×10")
    stream.flush()
    assert raw.getvalue() == b"2\\xd710\n"


def test_the_width_is_the_terminals_or_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe has no edge unless `COLUMNS` draws one."""
    assert width_of(console()) is None
    monkeypatch.setenv("COLUMNS", "66")
    assert width_of(console()) == 66


@pytest.mark.parametrize(
    ("codes", "text"),
    [([], ""), (["E0201"], "1 error"), (["W0101"] * 2, "2 warnings"), (["E0201", "W0101"], "1 error, 1 warning")],
)
def test_a_summary_names_only_what_there_is(codes: list[str], text: str) -> None:
    """`0 errors, 1 warning` would take longer to read."""
    assert summary(Diagnostic(code=code, message="") for code in codes) == text
