"""GitHub's workflow commands: in comes what a check found, out goes a line for each, which GitHub shows in the diff.

The commands and their escapes are those of `actions/toolkit`, `packages/core/src/command.ts`, and of GitHub's
documentation, "Workflow commands for GitHub Actions".
"""

from collections.abc import Iterator, Sequence

from archspec.commands.console import printable
from archspec.commands.reports.result import Result, each_once, path_of, printed_path
from archspec.diagnostic import Diagnostic, details, escape
from archspec.source import Span

__all__ = ["write_github"]

_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_MESSAGES | str.maketrans({":": "%3A", ",": "%2C"})


def write_github(results: Sequence[Result]) -> str:
    """One `::error …::` or `::warning …::` for each diagnostic; nothing where nothing is wrong."""
    return "".join(f"{_command(file, diagnostic)}\n" for file, diagnostic in each_once(results))


def _command(file: str, diagnostic: Diagnostic) -> str:
    properties = {**_place(file, diagnostic.span), "title": diagnostic.code}
    written = ",".join(f"{name}={str(value).translate(_IN_PROPERTIES)}" for name, value in properties.items())
    message = printable("\n".join(_lines(diagnostic)))
    if diagnostic.span is not None and "file" not in properties:
        message = f"{printable(str(diagnostic.span))}: {message}"  # GitHub shows no line of what is in no file
    return f"::{diagnostic.severity} {written}::{message.translate(_IN_MESSAGES)}"


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    """The text of a diagnostic without the excerpt, which GitHub shows itself."""
    yield diagnostic.message
    for label, text in details(diagnostic):
        yield f"{label}: {text}"


def _place(file: str, span: Span | None) -> dict[str, str | int]:
    """Where GitHub shows it. Columns are for places on one line: GitHub takes none for longer ones."""
    path = path_of(file if span is None else span.source)
    if path is None:
        return {}
    place: dict[str, str | int] = {"file": escape(printed_path(path) or str(path))}
    if span is not None:
        place |= {"line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:
            place |= {"col": span.column, "endColumn": span.end_column}
    return place
