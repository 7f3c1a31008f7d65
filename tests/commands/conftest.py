"""What the tests of the command line share: commands run in this process, and small specs to run them on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from archspec.cli import app

Invoke = Callable[..., Result]

LINEAR = """\
archspec: 1
name: Small
params: {width: 3}
presets: {wide: {width: 30}}
input: [N, 4]
model:
  body:
    - Linear: $width
    - ReLU
  head: {Linear: 2}
"""


@pytest.fixture
def invoke() -> Invoke:
    """Run `archspec ARGUMENTS...` here and hand back its exit code, stdout and stderr: plain text, 80 columns wide.

    The function takes the arguments, and as keywords `stdin` (text) and `env` (variables to set; None unsets one).
    """

    def run(*arguments: str | Path, stdin: str = "", env: dict[str, str | None] | None = None) -> Result:
        plain: dict[str, str | None] = {"COLUMNS": "80", "NO_COLOR": "1", "FORCE_COLOR": None, "TERM": "dumb"}
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin, env=plain | (env or {}))

    return run


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Write a spec into the working folder and hand back its name; by default a small one that is good."""
    monkeypatch.chdir(tmp_path)

    def write(text: str = LINEAR, name: str = "small.yaml") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write
