"""What the user reads when a command ends early, and the exit code."""

import errno
import os
import platform
import sys

import pytest

from archspec import __version__
from archspec.commands.failure import report
from archspec.diagnostic import Diagnostic
from archspec.errors import ArchspecError, ExportError, SpecError, UsageError, WeightsError
from archspec.source import Source, Span

SPAN = Span(Source.of_text("a: 1\n", name="lenet.yaml"), 1, 1, 1, 2)


def _error(number: int = 0, span: Span | None = SPAN) -> Diagnostic:
    return Diagnostic(code="E0201", message=f"wrong {number}", span=span)


def test_faults_of_a_spec_are_shown_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is printed whole, and the last line says how many there are of what, and where."""
    warning = Diagnostic(code="W0102", message="odd", span=SPAN)
    assert report(SpecError([_error(1), _error(2), warning]), []) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "lenet.yaml:1:1: error[E0201]: wrong 1\n  |\n1 | a: 1\n  | ^\n\n"
        "lenet.yaml:1:1: error[E0201]: wrong 2\n  |\n1 | a: 1\n  | ^\n\n"
        "lenet.yaml:1:1: warning[W0102]: odd\n  |\n1 | a: 1\n  | ^\n\n"
        "2 errors, 1 warning in lenet.yaml\n"
    )


def test_faults_in_several_files_are_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    """A spec that uses others may fail in any of them."""
    other = SPAN._replace(source=Source.of_text("a: 1\n", name="stem.yaml"))
    report(SpecError([_error(1), _error(2, other)]), [])
    assert capsys.readouterr().err.endswith("\n\n2 errors in 2 files\n")


def test_a_fault_without_a_place_names_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there has no line to point at."""
    report(SpecError([_error(span=None)]), [])
    assert capsys.readouterr().err == "error[E0201]: wrong 0\n\n1 error\n"


def test_past_fifty_faults_only_their_number_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A spec of a thousand mistakes does not push the first ones off the screen."""
    report(SpecError([_error(number, None) for number in range(1_200)]), [])
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if line.startswith("error[")]) == 50
    assert lines[-3:] == ["… and 1,150 more", "", "1,200 errors"]


@pytest.mark.parametrize(
    ("failure", "code"), [(UsageError("no such\x1b[2J"), 2), (WeightsError("bad"), 1), (ExportError("bad"), 1)]
)
def test_other_faults_are_one_message(failure: ArchspecError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What the call is at fault for is 2, all else that is the user's is 1; nothing reaches the terminal unescaped."""
    assert report(failure, []) == code
    assert capsys.readouterr().err == f"error: {failure}\n".replace("\x1b", "\\x1b")


def test_a_bug_prints_a_report_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    """A maintainer finds versions, the command and the traceback, and the terminal none of the control characters."""
    assert report(ZeroDivisionError("by\x1bzero"), ["build", "my spec.yaml"]) == 3
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0].startswith("This is a bug in archspec, not in your spec. Please report all that follows")
    assert lines[2].startswith(f"archspec {__version__}, Python {platform.python_version()}, torch ")
    assert lines[4:6] == ["command: archspec build 'my spec.yaml'", ""]
    assert lines[-1] == r"ZeroDivisionError: by\x1bzero"


def test_an_interrupt_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Who pressed Ctrl-C knows; shells expect 130."""
    assert report(KeyboardInterrupt(), []) == 130
    assert capsys.readouterr() == ("", "")


def test_a_full_disk_is_no_bug(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's fault is told as such; a traceback would send the user to us."""
    monkeypatch.setattr(sys, "stdout", sys.stderr)  # what is closed afterwards must not be the test's own
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    assert report(OSError(errno.ENOSPC, "No space left on device"), []) == 2
    assert capsys.readouterr().err == "error: the output cannot be written: the disk is full\n"
