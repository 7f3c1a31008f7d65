"""`archspec check --format github`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from archspec.commands.check import Checked
from archspec.commands.reports.github import write_github
from archspec.diagnostic import Diagnostic
from archspec.source import Source, Span

Invoke = Callable[..., Result]
Write = Callable[..., str]

WRONG = "archspec: 1\nname: Wrong\ninput: [N, 4]\nmodel:\n  - Linear: {out_featurs: 3}\n"
FIXED = "archspec: 1\nname: Fixed\ninput: [N, 4]\nmodel:\n  flat: {reshape: {shape: [8]}}\n"


def test_errors_and_warnings_are_annotations(invoke: Invoke, spec: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is one line with its place, its code as the title, and all that the text says; the exit code is the same."""
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    result = invoke("check", "--format", "github", spec(WRONG, "wrong.yaml"), spec(FIXED, "fixed.yaml"), spec())
    error, warning = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (1, "")
    assert error == (
        "::error file=wrong.yaml,line=5,endLine=5,col=14,endColumn=25,title=E0302::"
        "Linear has no argument `out_featurs`%0Aexpected: in_features, out_features, bias"
        "%0Ahelp: did you mean `out_features`?"
    )
    assert warning.startswith("::warning file=fixed.yaml,line=3,endLine=3,col=9,endColumn=10,title=W0105::")


def test_a_good_spec_prints_nothing(invoke: Invoke, spec: Write) -> None:
    """There is nothing to annotate."""
    result = invoke("check", "--format", "github", spec())
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_what_each_preset_has_is_said_once(invoke: Invoke, spec: Write) -> None:
    """A fault does not become three because three presets were checked."""
    text = FIXED.replace("input:", "params: {size: 8}\npresets: {p: {size: 8}, q: {size: 8}}\ninput:")
    result = invoke("check", "--all-presets", "--format", "github", spec(text.replace("[8]", "[$size]")))
    assert [line[:30] for line in result.stdout.splitlines()] == ["::warning file=small.yaml,line"]


def test_a_faulty_file_that_others_extend_is_said_once(invoke: Invoke, spec: Write) -> None:
    """A fault is one, however the file is reached that has it."""
    child = spec("archspec: 1\nextends: wrong.yaml\n", "child.yaml")
    result = invoke("check", "--format", "github", spec(WRONG, "wrong.yaml"), child)
    assert [line.partition(",")[0] for line in result.stdout.splitlines()] == ["::error file=wrong.yaml"]


def test_signs_of_the_format_are_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name of a file and no text of a spec can start another command, or end a property."""
    monkeypatch.chdir(tmp_path)
    source = Source(name="a,b:c%.yaml", text="x", path=tmp_path / "a,b:c%.yaml")
    span = Span(source, 1, 1, 1, 2)
    diagnostic = Diagnostic(code="E0301", message="100% of\n::error::this", span=span, hint="\x1b[31m\u202e\r")
    report = write_github([Checked(file=source.name, preset=None, diagnostics=(diagnostic,))])
    assert report == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=1,endColumn=2,title=E0301::"
        "100%25 of%0A::error::this%0Ahelp: \\x1b[31m\\u202e\\r\n"
    )


def test_no_columns_for_more_than_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub refuses an annotation of several lines that has columns."""
    monkeypatch.chdir(tmp_path)
    source = Source(name="a.yaml", text="a\nb", path=tmp_path / "a.yaml")
    diagnostic = Diagnostic(code="E0202", message="m", span=Span(source, 1, 1, 2, 2))
    report = write_github([Checked(file="a.yaml", preset=None, diagnostics=(diagnostic,))])
    assert report == "::error file=a.yaml,line=1,endLine=2,title=E0202::m\n"


def test_standard_input_has_no_file(invoke: Invoke) -> None:
    """What lies in no file of the repository is annotated at the run, and says itself on which line it is."""
    result = invoke("check", "-", "--format", "github", stdin=WRONG)
    assert result.stdout.startswith("::error title=E0302::<stdin>:5:14: Linear")
