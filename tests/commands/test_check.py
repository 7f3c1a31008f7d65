"""`archspec check`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Invoke = Callable[..., Result]
Write = Callable[..., str]

WRONG = """\
archspec: 1
name: Wrong
input: [N, 4]
model:
  - Linear: {out_featurs: 3}
  - Relu
"""
FIXED = """\
archspec: 1
name: Fixed
input: [N, 4]
model:
  flat: {reshape: {shape: [8]}}
"""


def test_a_good_spec_is_ok(invoke: Invoke, spec: Write) -> None:
    """One line says so."""
    result = invoke("check", spec())
    assert (result.exit_code, result.stdout, result.stderr) == (0, "ok small.yaml\n", "")


def test_everything_wrong_is_on_standard_output(invoke: Invoke, spec: Write) -> None:
    """What is wrong is the result of a check, so it can be piped; the exit code says that there is something."""
    result = invoke("check", spec(WRONG, "wrong.yaml"))
    assert (result.exit_code, result.stderr) == (1, "")
    places = [line for line in result.stdout.splitlines() if line.startswith("wrong.yaml:")]
    assert places == [
        "wrong.yaml:5:14: error[E0302]: Linear has no argument `out_featurs`",
        "wrong.yaml:6:5: error[E0301]: there is no layer or block `Relu`",
    ]
    assert result.stdout.splitlines()[-1] == "failed wrong.yaml: 2 errors"


def test_all_specs_are_checked(invoke: Invoke, spec: Write) -> None:
    """A fault in one does not keep the next from being checked, and the last line sums up."""
    names = [spec(WRONG, "wrong.yaml"), spec(FIXED, "fixed.yaml"), spec(), "absent.yaml"]
    result = invoke("check", *names)
    verdicts = [line for line in result.stdout.splitlines() if line.startswith(("ok", "failed", "4"))]
    assert result.exit_code == 1
    assert verdicts == [
        "failed wrong.yaml: 2 errors",
        "ok fixed.yaml: 1 warning",
        "ok small.yaml",
        "failed absent.yaml: 1 error",
        "4 checked: 3 errors, 1 warning",
    ]


def test_a_dimension_that_cannot_vary_is_a_warning(invoke: Invoke, spec: Write) -> None:
    """A warning is printed and leaves the exit code alone."""
    result = invoke("check", spec(FIXED, "fixed.yaml"))
    assert result.exit_code == 0
    assert result.stdout.startswith("fixed.yaml:3:9: warning[W0105]: the dimension `N` cannot vary")


def test_quiet_prints_only_what_is_wrong(invoke: Invoke, spec: Write) -> None:
    """In a hook, silence is good news."""
    result = invoke("check", "-q", spec(), spec(FIXED, "fixed.yaml"))
    assert result.stdout.startswith("fixed.yaml:3:9: warning[W0105]")
    assert "checked" not in result.stdout
    assert "ok" not in result.stdout


def test_strict_fails_on_warnings(invoke: Invoke, spec: Write) -> None:
    """In CI, a warning that nobody reads is no warning."""
    result = invoke("check", "--strict", spec(FIXED, "fixed.yaml"), spec())
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-3:] == ["failed fixed.yaml: 1 warning", "ok small.yaml", "2 checked: 1 warning"]


def test_a_warning_is_switched_off_by_its_code(invoke: Invoke, spec: Write) -> None:
    """Then it neither shows nor fails; several codes have commas between them."""
    result = invoke("check", "--strict", "--ignore", "W0201,w0105", spec(FIXED, "fixed.yaml"))
    assert (result.exit_code, result.stdout) == (0, "ok fixed.yaml\n")


def test_a_code_that_is_unknown_is_a_usage_error(invoke: Invoke, spec: Write) -> None:
    """Nothing is checked, since the warning would be shown all the same."""
    result = invoke("check", "--ignore", "W0205,W9", spec())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: there is no warning `W9`: ")


def test_each_preset_is_checked_when_asked(invoke: Invoke, spec: Write) -> None:
    """A preset that nobody builds every day breaks in CI, not at its user's."""
    text = "archspec: 1\nname: P\nparams: {width: 3}\npresets: {good: {width: 2}, bad: {width: 0.5}}\n"
    name = spec(text + "input: [N, 4]\nmodel: {head: {Linear: $width}}\n")
    assert invoke("check", name).exit_code == 0
    result = invoke("check", "--all-presets", name)
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line.startswith(("ok", "failed"))] == [
        "ok small.yaml",
        "ok small.yaml with preset good",
        "failed small.yaml with preset bad: 1 error",
    ]


def test_params_and_limits_apply_to_each_spec(invoke: Invoke, spec: Write) -> None:
    """The options are those of `build`."""
    result = invoke("check", spec(), "-p", "width=ten", "--preset", "wide")
    assert result.stdout.startswith("-p width=ten:1:8: error[E0408]")
    result = invoke("check", spec(), "--limit", "modules=1")
    assert "is over the limit of 1 (`modules`)" in result.stdout


def test_json_is_one_document(invoke: Invoke, spec: Write) -> None:
    """The fields are documented and stay: programs depend on them."""
    result = invoke("check", "--format", "json", spec(WRONG, "wrong.yaml"), spec(FIXED, "fixed.yaml"))
    document = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert {key: document[key] for key in document if key != "files"} == {"version": 1, "errors": 2, "warnings": 1}
    wrong, fixed = document["files"]
    assert {key: wrong[key] for key in wrong if key != "diagnostics"} == {
        "file": "wrong.yaml",
        "preset": None,
        "errors": 2,
        "warnings": 0,
    }
    assert [item["code"] for item in wrong["diagnostics"] + fixed["diagnostics"]] == ["E0302", "E0301", "W0105"]
    first = wrong["diagnostics"][0]
    assert set(first) == {"code", "severity", "message", "span", "path", "found", "expected", "hint", "notes", "fix"}
    assert first["span"] == {"file": "wrong.yaml", "line": 5, "column": 14, "end_line": 5, "end_column": 25}


def test_json_names_standard_input(invoke: Invoke) -> None:
    """The file and its spans have the same name."""
    document = json.loads(invoke("check", "-", "--format", "json", stdin=WRONG).stdout)
    (file,) = document["files"]
    assert {file["file"], *(item["span"]["file"] for item in file["diagnostics"])} == {"<stdin>"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_that_nothing_has_is_a_usage_error(invoke: Invoke, form: str) -> None:
    """A misspelt name is no spec with a fault."""
    result = invoke("check", "lenett", "--format", form)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: no spec is called `lenett`: did you mean `lenet`?\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("small", "did you mean `small.yaml`?"),
        ("nets", "it is a folder; name a file in it"),
        (".", "it is a folder; name a file in it"),
        ("", "`archspec list` shows what ships; a file of your own ends in .yaml"),
        ("a" * 300, "`archspec list` shows what ships; a file of your own ends in .yaml"),
    ],
)
def test_a_name_that_is_nearly_a_file_says_so(invoke: Invoke, spec: Write, name: str, hint: str) -> None:
    """A suffix is forgotten, or a folder is named in the belief that all in it is checked."""
    spec()
    Path("nets").mkdir()
    result = invoke("check", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f": {hint}\n")
