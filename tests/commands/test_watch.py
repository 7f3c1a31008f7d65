"""`archspec check --watch`."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from archspec.commands import watch
from archspec.commands.settings import Settings
from archspec.errors import UsageError

Invoke = Callable[..., Result]
Write = Callable[..., str]

GOOD = "archspec: 1\nname: A\ninput: [N, 4]\nmodel: [{Linear: 3}]\n"
BAD = GOOD.replace("Linear", "Liner")


def _watch(name: str, steps: Callable[[], Iterator[None]], capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is printed while somebody works on files: each step is what happens between two looks at them."""
    work = steps()

    def wait() -> None:
        if next(work, ...) is ...:
            raise KeyboardInterrupt

    assert watch.run([Settings(spec=name)], wait=wait) == 0
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if re.match("ok|failed|Watching|Changed", line)]


def test_a_change_is_checked(spec: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe each check follows the one before; Ctrl-C ends without a word."""

    def steps() -> Iterator[None]:
        yield
        spec(BAD, "a.yaml")
        yield
        yield
        spec(GOOD, "a.yaml")
        yield
        yield

    watching = "Watching 1 file; Ctrl-C ends"
    assert _watch(spec(GOOD, "a.yaml"), steps, capsys) == [
        *("ok a.yaml", watching, "Changed: a.yaml"),
        *("failed a.yaml: 1 error", watching, "Changed: a.yaml"),
        *("ok a.yaml", watching),
    ]


def test_a_file_that_is_used_is_watched(spec: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that `use` names, one further on, and one that is not there yet."""

    def steps() -> Iterator[None]:
        spec("archspec: 1\nextends: ./deep.yaml\n", "base.yaml")
        yield
        yield
        spec(GOOD, "deep.yaml")
        yield
        yield

    name = spec("archspec: 1\nname: B\ninput: [N, 4]\nuse: {A: ./base.yaml}\nmodel: [A]\n", "b.yaml")
    assert _watch(name, steps, capsys) == [
        *("failed b.yaml: 1 error", "Watching 2 files; Ctrl-C ends", "Changed: base.yaml"),
        *("failed b.yaml: 1 error", "Watching 3 files; Ctrl-C ends", "Changed: deep.yaml"),
        *("ok b.yaml", "Watching 3 files; Ctrl-C ends"),
    ]


def test_a_file_that_is_being_saved_is_waited_for(spec: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """An editor that takes the old file away first shows nobody that it is missing."""

    def steps() -> Iterator[None]:
        Path("a.yaml").unlink()
        yield
        spec(BAD, "a.yaml")
        yield
        yield

    lines = _watch(spec(GOOD, "a.yaml"), steps, capsys)
    assert [line for line in lines if line.startswith(("ok", "failed"))] == ["ok a.yaml", "failed a.yaml: 1 error"]


def test_a_file_that_comes_later_is_checked(
    spec: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not exist yet can be watched."""
    monkeypatch.chdir(tmp_path)

    def steps() -> Iterator[None]:
        spec(GOOD, "a.yaml")
        yield
        yield

    lines = _watch("a.yaml", steps, capsys)
    assert [line for line in lines if line.startswith(("ok", "failed"))] == ["failed a.yaml: 1 error", "ok a.yaml"]


def test_ctrl_c_during_a_check_ends_too(spec: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no moment at which it prints a traceback."""

    def interrupt(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "check", interrupt)
    assert watch.run([Settings(spec=spec())]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lenet"], "--watch needs a spec in a file: what ships does not change"),
        (["-"], "--watch cannot watch `-`: name a file"),
        (["small.yaml", "--fix"], "--watch and --fix do not go together"),
        (["small.yaml", "--format", "json"], "--watch and --format json do not go together"),
    ],
)
def test_what_cannot_be_watched(invoke: Invoke, spec: Write, arguments: list[str], message: str) -> None:
    """A call that would wait for ever says so at once."""
    spec()
    result = invoke("check", "--watch", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: {message}\n")


def test_a_spec_is_named(spec: Write) -> None:
    """A name that nothing has is no file that may come."""
    spec()
    with pytest.raises(UsageError, match="no spec is called `lenett`"):
        watch.run([Settings(spec="lenett")])
