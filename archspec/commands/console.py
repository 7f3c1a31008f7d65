"""The terminal: in come texts, out they go to stdout or stderr, without what a spec may have hidden in them."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from textwrap import fill

from rich.console import Console
from rich.text import Text

from archspec.commands.amounts import count
from archspec.diagnostic import Diagnostic, errors_of, escape, render
from archspec.errors import SHOWN_ERRORS

__all__ = [
    "console",
    "print_diagnostics",
    "print_document",
    "print_text",
    "printable",
    "summary",
    "width_of",
    "wrapped",
]

LINE = 120  # the widest line of prose, also where no terminal says how wide lines may be
STYLES = {"error": "bold red", "warning": "bold yellow"}
_SEVERITY = re.compile(r"(error|warning)\[[EW]\d+\]")
_CARET = re.compile(r"^ *\| *(\^+)$", re.MULTILINE)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let the error handler decide what to do when nobody reads any more; Rich would end the process here."""
        raise  # noqa: PLE0704 - Rich calls this where it has just caught the exception


def console(*, stderr: bool = False) -> Console:
    """A console that prints what it is given: no markup, no emoji codes, no line broken by force."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test's stand-in may have none
            stream.reconfigure(errors="backslashreplace")  # a terminal that has no `×` is no reason to fail
    return _Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)


def width_of(screen: Console) -> int | None:
    """How wide lines may be: as the terminal, or as `COLUMNS` says; None for a pipe, which has no edge."""
    return screen.width if screen.is_terminal or os.environ.get("COLUMNS", "").isdigit() else None


def wrapped(text: str, width: int | None, *, margin: int = 0) -> str:
    """Prose in lines that fit; all but the first are moved right by `margin`."""
    size = min(width or LINE, LINE)
    return fill(text, size, subsequent_indent=" " * margin, break_on_hyphens=False, break_long_words=False)


def printable(text: str) -> str:
    """Text whose every line is safe to print."""
    return "\n".join(escape(line) for line in text.split("\n"))


def print_text(text: str) -> None:
    """Print plain text on stdout."""
    console().print(Text(printable(text)))


def print_document(text: str) -> None:
    """Print what programs read, byte for byte: UTF-8 whatever the terminal's encoding, and no other line ends."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def print_diagnostics(diagnostics: Sequence[Diagnostic], *, stderr: bool = True) -> None:
    """Print diagnostics with a blank line after each; past the first 50 only how many there are."""
    screen = console(stderr=stderr)
    for diagnostic in diagnostics[:SHOWN_ERRORS]:
        screen.print(_styled(diagnostic), end="\n\n")
    if len(diagnostics) > SHOWN_ERRORS:
        screen.print(Text(f"… and {len(diagnostics) - SHOWN_ERRORS:,} more"), end="\n\n")


def _styled(diagnostic: Diagnostic) -> Text:
    text = Text(printable(render(diagnostic)))
    style = STYLES[diagnostic.severity]
    for pattern, group in ((_SEVERITY, 0), (_CARET, 1)):
        match = pattern.search(text.plain)
        if match is not None:
            text.stylize(style, *match.span(group))
    return text


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many errors and warnings there are, in words; empty when there are none."""
    found = list(diagnostics)
    errors = len(errors_of(found))
    counted = ((errors, "error"), (len(found) - errors, "warning"))
    return ", ".join(count(number, noun) for number, noun in counted if number)
