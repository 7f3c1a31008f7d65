"""Failures: in comes the exception that ended a command, out go what the user reads on stderr and the exit code."""

import contextlib
import errno
import os
import platform
import shlex
import sys
import traceback
from collections.abc import Sequence
from importlib import metadata

from rich.text import Text

from archspec._version import __version__
from archspec.commands.console import console, print_diagnostics, printable, summary
from archspec.diagnostic import Diagnostic
from archspec.errors import ArchspecError, SpecError, UsageError

__all__ = ["BROKEN_PIPE", "BUG", "FAULT", "INTERRUPTED", "USAGE", "report"]

FAULT = 1
USAGE = 2
BUG = 3
INTERRUPTED = 130  # as shells say it: 128 and the signal's number
BROKEN_PIPE = 141

REPORT = """\
This is a bug in archspec, not in your spec. Please report all that follows, with the spec if you can share it.
"""


def report(failure: BaseException, arguments: Sequence[str], *, fault: int = FAULT) -> int:
    """Tell the user what happened.

    Args:
        failure: what ended the command.
        arguments: the command line, without the name of the program.
        fault: the exit code where a spec is at fault.

    Returns:
        The exit code.
    """
    match failure:
        case SpecError():
            _spec_fault(failure.diagnostics)
            return fault
        case UsageError():
            _complain(str(failure))
            return USAGE
        case ArchspecError():
            _complain(str(failure))
            return fault
        case KeyboardInterrupt():
            return INTERRUPTED
        case BrokenPipeError():
            _stop_output()
            return BROKEN_PIPE
        case OSError(errno=errno.ENOSPC):
            _stop_output()
            _complain("the output cannot be written: the disk is full")
            return USAGE
        case _:
            _print(bug_report(failure, arguments))
            return BUG


def _spec_fault(diagnostics: Sequence[Diagnostic]) -> None:
    print_diagnostics(diagnostics)
    _print(f"{summary(diagnostics)}{_place(diagnostics)}")


def _place(diagnostics: Sequence[Diagnostic]) -> str:
    """Which files the diagnostics are about."""
    names = {item.span.source.name for item in diagnostics if item.span is not None}
    if not names:
        return ""
    return f" in {names.pop()}" if len(names) == 1 else f" in {len(names)} files"


def _complain(message: str) -> None:
    text = Text(printable(f"error: {message.strip()}"))
    text.stylize("bold red", 0, len("error:"))
    console(stderr=True).print(text)


def _print(text: str) -> None:
    console(stderr=True).print(Text(printable(text)))


def _stop_output() -> None:
    """Send the rest of stdout nowhere, so that Python does not fail again when it flushes at exit."""
    with contextlib.suppress(OSError, ValueError):  # a stream of a test has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def bug_report(failure: BaseException, arguments: Sequence[str]) -> str:
    """What a maintainer needs: the versions, the command and the traceback."""
    versions = [f"{name} {_version(name)}" for name in ("torch", "pydantic", "typer", "rich")]
    lines = [
        REPORT,
        f"archspec {__version__}, Python {platform.python_version()}, {', '.join(versions)}",
        platform.platform(),
        f"command: {shlex.join(['archspec', *arguments])}",
        "",
        "".join(traceback.format_exception(failure)),
    ]
    return "\n".join(lines).rstrip()


def _version(name: str) -> str:
    """The version of an installed package, without importing it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(not installed)"
