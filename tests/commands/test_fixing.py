"""`archspec check --fix` and `--diff`."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import archspec
from archspec.codes import CODES
from archspec.commands import fixing
from archspec.commands.edits import made
from archspec.commands.settings import Settings
from archspec.diagnostic import Diagnostic
from archspec.limits import DEFAULT_LIMITS

Invoke = Callable[..., Result]
Write = Callable[..., str]

GOLDENS = Path(__file__).parents[1] / "fixtures" / "errors"
WRONG = """\
archspec: 1
name: Wrong   # my model
input: [N, 4]
params: {width: 8}
model:
  - Linear: {out_featurs: 3}   # 💥
  - Relu
  - Linear: {out_features: $(max(width, 3))}
  - Linear: {in_features: 99, out_features: $width}
"""
RIGHT = """\
archspec: 1
name: Wrong   # my model
input: [N, 4]
params: {width: 8}
model:
  - Linear: {out_features: 3}   # 💥
  - ReLU
  - Linear: {out_features: "$(max(width, 3))"}
  - Linear: {out_features: $width}
"""
DIFF = """\
--- a.yaml
+++ a.yaml
@@ -3,7 +3,7 @@
 input: [N, 4]
 params: {width: 8}
 model:
-  - Linear: {out_featurs: 3}   # 💥
-  - Relu
-  - Linear: {out_features: $(max(width, 3))}
-  - Linear: {in_features: 99, out_features: $width}
+  - Linear: {out_features: 3}   # 💥
+  - ReLU
+  - Linear: {out_features: "$(max(width, 3))"}
+  - Linear: {out_features: $width}
"""
TITLES = """\
a.yaml: write `out_features` for `out_featurs`
a.yaml: write `ReLU` for `Relu`
a.yaml: put quotes around `$(max(width, 3))`
a.yaml: leave out `in_features: 99`: the input has 8
"""


def test_diff_shows_and_changes_nothing(invoke: Invoke, spec: Write) -> None:
    """The diff alone is on stdout, so that `patch -p0` can take it; the exit code says that there is one."""
    result = invoke("check", "--diff", spec(WRONG, "a.yaml"))
    assert (result.exit_code, result.stdout) == (1, DIFF)
    assert result.stderr == f"{TITLES}Would make 4 fixes in 1 file\n"
    assert Path("a.yaml").read_text(encoding="utf-8") == WRONG


def test_diff_of_a_good_spec_is_empty(invoke: Invoke, spec: Write) -> None:
    """Nothing is to be done."""
    result = invoke("check", "--diff", spec())
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
@pytest.mark.parametrize("end", ["\n", ""])
def test_patch_takes_the_diff(invoke: Invoke, spec: Write, end: str) -> None:
    """Also of a file whose last line does not end."""
    diff = invoke("check", "--diff", spec(WRONG.rstrip("\n") + end, "a.yaml")).stdout
    subprocess.run(["patch", "-p0"], input=diff.encode(), check=True, capture_output=True)
    assert Path("a.yaml").read_text(encoding="utf-8") == RIGHT.rstrip("\n") + end


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
def test_patch_takes_the_diff_of_a_name_with_blanks(invoke: Invoke, spec: Write) -> None:
    """Where no tab ends the name, `patch` looks for a file that is called as its first word."""
    name = spec(WRONG, "my nét.yaml")
    diff = invoke("check", "--diff", name).stdout
    subprocess.run(["patch", "-p0"], input=diff.encode(), check=True, capture_output=True)
    assert Path(name).read_text(encoding="utf-8") == RIGHT


def test_fix_shows_the_diff_and_writes_the_file(invoke: Invoke, spec: Write) -> None:
    """What a stage could not see before the one in front of it was mended is mended in the same run."""
    result = invoke("check", "--fix", spec(WRONG, "a.yaml"))
    assert (result.exit_code, result.stdout) == (0, f"{DIFF}ok a.yaml\n")
    assert result.stderr == f"{TITLES}Made 4 fixes in 1 file\n"
    assert Path("a.yaml").read_text(encoding="utf-8") == RIGHT


def test_what_is_left_is_reported(invoke: Invoke, spec: Write) -> None:
    """A fault that has no sure fix is left to the author, and the exit code says so."""
    result = invoke("check", "--fix", spec(WRONG.replace("- Relu", "- Relu\n  - Conv"), "a.yaml"))
    assert result.exit_code == 1
    assert "error[E0301]: there is no layer or block `Conv`" in result.stdout
    assert "  - ReLU\n  - Conv\n" in Path("a.yaml").read_text(encoding="utf-8")


def test_a_report_stays_one_document(invoke: Invoke, spec: Write) -> None:
    """Beside a format for programs, the diff is on stderr."""
    result = invoke("check", "--fix", "--format", "json", spec(WRONG, "a.yaml"))
    assert (json.loads(result.stdout)["errors"], result.stderr.startswith("--- a.yaml\n")) == (0, True)


def test_bytes_outside_the_edits_stay(invoke: Invoke, spec: Write) -> None:
    """Line ends, a byte order mark, permissions and links are the author's."""
    spec("", "a.yaml")
    before = b"\xef\xbb\xbf" + WRONG.replace("\n", "\r\n").encode()
    Path("a.yaml").write_bytes(before)
    Path("a.yaml").chmod(0o640)
    Path("link.yaml").symlink_to("a.yaml")
    assert invoke("check", "--fix", "link.yaml").exit_code == 0
    assert Path("a.yaml").read_bytes() == b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode()
    assert Path("a.yaml").stat().st_mode & 0o777 == 0o640
    assert Path("link.yaml").is_symlink()
    assert sorted(path.name for path in Path().iterdir()) == ["a.yaml", "link.yaml"]


def test_only_files_that_are_named_are_changed(invoke: Invoke, spec: Write) -> None:
    """A fault in a file that the spec uses is reported; who wants it mended names that file too."""
    spec(WRONG, "base.yaml")
    name = spec("archspec: 1\nextends: ./base.yaml\n", "a.yaml")
    assert invoke("check", "--fix", name).exit_code == 1
    assert Path("base.yaml").read_text(encoding="utf-8") == WRONG
    assert invoke("check", "--fix", name, "base.yaml").exit_code == 0
    assert Path("base.yaml").read_text(encoding="utf-8") == RIGHT


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_a_file_with_fixes_that_is_not_named_is_told(invoke: Invoke, spec: Write, option: str) -> None:
    """What is wrong is in the base alone: the command that mends it is there to copy, and nothing is claimed clean."""
    base = spec(WRONG.replace("Relu", "ReLU").replace("out_featurs", "out_features"), "my base.yaml")
    used = spec(WRONG, "used.yaml")
    name = spec(f"archspec: 1\nextends: {base}\nuse: {{Other: {used}}}\n", "a.yaml")
    stderr = invoke("check", option, name).stderr
    assert [line for line in stderr.splitlines() if "not named" in line] == [
        f"1 fix in my base.yaml is left out, because it is not named: `archspec check 'my base.yaml' {option}`",
        f"3 fixes in used.yaml are left out, because it is not named: `archspec check used.yaml {option}`",
    ]
    assert "Nothing that can be fixed" not in stderr
    assert "not named" not in invoke("check", option, name, base, used).stderr


def test_a_quiet_fix_tells_of_no_other_file(invoke: Invoke, spec: Write) -> None:
    """`--quiet` prints errors and warnings alone."""
    name = spec(f"archspec: 1\nextends: {spec(WRONG, 'base.yaml')}\n", "a.yaml")
    assert "not named" not in invoke("check", "--fix", "--quiet", name).stderr


def test_what_ships_is_never_changed(invoke: Invoke) -> None:
    """Not even where a limit makes it faulty, nor under its path."""
    name = archspec.compile("lenet").source.path
    for spec in ("lenet", str(name)):
        result = invoke("check", "--fix", spec, "--limit", "modules=1")
        assert (result.exit_code, result.stderr) == (1, "")


def test_standard_input_cannot_be_changed(invoke: Invoke) -> None:
    """It is no file."""
    result = invoke("check", "--fix", "-", stdin=WRONG)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: `-` is no file that could be changed: name one\n"


def test_a_file_that_changed_meanwhile_is_left_alone(spec: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The author's editor may have saved while the diff was read."""
    name = spec(WRONG, "a.yaml")

    def save_meanwhile(_: object) -> bool:
        Path(name).write_text("mine\n", encoding="utf-8")
        return True

    monkeypatch.setattr(fixing, "_agreed", save_meanwhile)
    with pytest.raises(archspec.errors.UsageError, match="changed while it was checked, so nothing was written"):
        fixing.run([Settings(spec=name)])
    assert Path(name).read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(("answer", "text"), [("y\n", RIGHT), ("n\n", WRONG), ("", WRONG)])
def test_at_a_terminal_somebody_is_asked(
    spec: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str, text: str
) -> None:
    """Nothing is written before the diff was read and agreed to."""
    name = spec(WRONG, "a.yaml")
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert fixing.run([Settings(spec=name)]) == int(text == WRONG)
    asked = capsys.readouterr().out.partition("Make 4 fixes in 1 file? [y/N] ")
    assert asked[1]
    assert asked[2].startswith("\n") == (not answer)  # who answers ends the line
    assert Path(name).read_text(encoding="utf-8") == text


def test_a_file_that_may_not_be_written_stays(invoke: Invoke, spec: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """To put a new file in its place would go round its permissions."""
    name = spec(WRONG, "a.yaml")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # noqa: ARG005 - as root, everything may be written
    result = invoke("check", "--fix", name)
    assert result.exit_code == 1
    assert result.stderr.endswith("a.yaml` cannot be written: Permission denied\n")
    assert Path(name).read_text(encoding="utf-8") == WRONG


def test_presets_that_disagree_end() -> None:
    """Whatever each preset wants, the fixes come to an end."""
    text = (
        "archspec: 1\nname: A\nparams: {width: 3}\npresets: {wide: {width: 5}}\ninput: [N, $width, 8, 8]\n"
        "model:\n  - BatchNorm2d: 4\n"
    )
    source = archspec.compile("lenet").source.of_text(text)
    change = fixing._change(Settings(spec="a.yaml"), source, set(), every_preset=True)
    assert change is not None
    assert change.text.splitlines()[-1] in ("  - BatchNorm2d: 3", "  - BatchNorm2d: 5")


def _said(item: Diagnostic) -> tuple[str, str, str]:
    """What tells a fault from others like it, wherever it stands."""
    return item.message, item.found, item.expected


def test_what_is_fixed_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the faults that people can read about, those with a fix are gone once it is made."""
    monkeypatch.chdir(GOLDENS)
    said_again, mended = [], 0
    for name in sorted(path.name for path in GOLDENS.glob("*.yaml")):
        found = [item for item in archspec.check(name) if item.fix is not None and item.span.source.name == name]
        if found:
            changed, done = made(found[0].span.source.text, [item.fix for item in found], DEFAULT_LIMITS)
            left = {(item.message, item.found, item.expected) for item in archspec.check(changed)}
            fixed = [item for item in found if item.fix in done]
            said_again += [(name, item.message) for item in fixed if (item.message, item.found, item.expected) in left]
            mended += len(done)
    assert said_again == []
    assert mended > 50


@pytest.mark.parametrize("code", ["E0301", "E0302", "E0405", "E0601"])
def test_the_examples_of_typos_are_fixed(code: str) -> None:
    """The example that `archspec explain` shows becomes one without the fault."""
    text = CODES[code].example
    fixes = [item.fix for item in archspec.check(text) if item.fix is not None]
    changed, done = made(text, fixes, DEFAULT_LIMITS)
    assert done
    assert code not in {item.code for item in archspec.check(changed)}


def test_misspelt_inputs_are_fixed_wherever_they_are_named() -> None:
    """In `from` of an operation, of a block and of a call."""
    text = (GOLDENS / "input_keyword_misspelt.yaml").read_text(encoding="utf-8")
    changed, done = made(text, [item.fix for item in archspec.check(text) if item.fix is not None], DEFAULT_LIMITS)
    assert [fix.title for fix in done] == [
        "write `query` for `qurey`",
        "write `right` for `rihgt`",
        "write `right` for `rigth`",
    ]
    assert {item.code for item in archspec.check(changed)} == {"W0101"}, "only that two results are not used"
