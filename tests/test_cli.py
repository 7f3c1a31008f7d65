"""The command line as a whole: help, exit codes, and how it ends."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archspec import __version__
from archspec.cli import app

Run = Callable[..., subprocess.CompletedProcess[str]]

VERBS = ("build", "check", "export", "show", "diff", "expand", "list", "new", "schema", "explain")
HEAVY = ("pydantic", "rich", "torch", "yaml")
HELP_SECONDS = 0.25


@pytest.mark.parametrize(
    ("arguments", "imported"),
    [(["--help"], ""), (["--version"], ""), (["build", "--help"], "pydantic")],  # Typer reads a verb's options with it
)
def test_help_and_version_import_nothing_heavy(arguments: list[str], imported: str) -> None:
    """They must answer at once; torch alone takes seconds."""
    program = (
        "import sys\nfrom archspec.cli import main\n"
        f"sys.argv[1:] = {arguments}\n"
        "try:\n    main()\nfinally:\n"
        f"    print(*sorted(set(sys.modules) & set({HEAVY})), file=sys.stderr)\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, f"{imported}\n")


def test_help_takes_a_moment(in_time: Callable[[float, float], bool]) -> None:
    """A quarter of a second of CPU, Python's own start included."""
    taken = min(_cpu_seconds(sys.executable, "-m", "archspec", "--help") for _ in range(3))
    assert in_time(taken, HELP_SECONDS)


def _cpu_seconds(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_the_version_is_printed(archspec_cli: Run) -> None:
    """`python -m archspec` is the same program."""
    finished = archspec_cli("--version")
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, f"archspec {__version__}\n", "")


def test_help_lists_every_verb() -> None:
    """Each with a line that is not cut off."""
    lines = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80"}).stdout.splitlines()
    listed = lines[lines.index("Commands:") + 1 : lines.index("", lines.index("Commands:"))]
    assert tuple(line.split()[0] for line in listed) == VERBS
    assert [line for line in listed if line.endswith("...")] == []


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself_with_an_example(verb: str) -> None:
    """Help fits 80 columns and ends in a command to try."""
    result = CliRunner().invoke(app, [verb, "--help"], env={"COLUMNS": "80"})
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith(f"  Example: archspec {verb}")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["explain", "E0301"], 0),
        (["check", "absent.yaml"], 1),
        (["diff", "lenet", "lenet5_1998"], 1),
        (["diff", "lenet", "absent.yaml"], 2),
        (["check", "lenett"], 2),
        (["check"], 2),
        (["chek"], 2),
        (["check", "lenet", "--colour"], 2),
        (["list", "--format", "xml"], 2),
    ],
)
def test_exit_codes_say_whose_fault_it_was(arguments: list[str], code: int) -> None:
    """0: nobody's, 1: the spec's, 2: the call's; `diff` has 1 for "not the same", and 2 for any trouble."""
    assert CliRunner().invoke(app, arguments).exit_code == code


def test_our_own_bug_exits_3_with_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told from a fault of the spec, and comes with what a maintainer needs."""

    def fail(**_: object) -> int:
        raise KeyError("lost")

    monkeypatch.setattr("archspec.commands.list.run", fail)
    monkeypatch.setattr(sys, "argv", ["archspec", "list"])
    result = CliRunner().invoke(app, ["list"])
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("This is a bug in archspec, not in your spec.")
    assert "\ncommand: archspec list\n\nTraceback (most recent call last):\n" in result.stderr
    assert result.stderr.endswith("\nKeyError: 'lost'\n")


def test_an_interrupt_exits_130_and_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C shows no traceback."""

    def interrupt(**_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("archspec.commands.list.run", interrupt)
    result = CliRunner().invoke(app, ["list"])
    assert (result.exit_code, result.output) == (130, "")


@pytest.mark.parametrize("arguments", [["list"], ["list", "--format", "json"]])
def test_a_reader_that_went_away_is_no_failure_to_speak_of(arguments: list[str]) -> None:
    """`archspec list | head -1` ends without a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "archspec", *arguments], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (finished.returncode, finished.stderr) == (141, b"")


@pytest.mark.parametrize("verb", ["build", "check", "expand"])
def test_control_characters_never_reach_the_terminal(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile spec cannot move the cursor, in none of the texts that speak of it."""
    hostile = 'archspec: 1\nname: "Net\\e[2J"\ndoc: "\\u202Edoc"\ninput: [N, 4]\nmodel: {"a\\e[2J": {"Linear\\e": 2}}\n'
    (tmp_path / "hostile\x1b.yaml").write_text(hostile, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, [verb, "hostile\x1b.yaml"], env={"FORCE_COLOR": "1"})
    assert result.exit_code == 1
    assert r"hostile\x1b.yaml:" in result.output
    assert "\x1b[2J" not in result.output
    assert "\u202e" not in result.output
