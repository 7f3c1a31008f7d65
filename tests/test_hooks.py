"""The hooks for pre-commit: those that other repositories name, and those that docs/ci.md shows."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
PAGE = ROOT / "docs" / "ci.md"

WRONG = "archspec: 1\nname: A\ninput: [N, 4]\nmodel:\n  - Liner: 3  # mine\n"
RIGHT = WRONG.replace("Liner", "Linear")


def _hooks() -> dict[str, dict[str, Any]]:
    hooks = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    return {hook["id"]: hook for hook in hooks}


def _run(folder: Path, hook: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Let pre-commit run a hook over all files of a repository, with the archspec that is tested."""
    program, *arguments = shlex.split(hook["entry"])
    assert program == "archspec"
    local = hook | {"language": "system", "entry": shlex.join([sys.executable, "-m", "archspec", *arguments])}
    config = {"repos": [{"repo": "local", "hooks": [local | {"files": "^models/"}]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=folder, check=True)
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PRE_COMMIT_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_manifest_is_one_that_pre_commit_reads() -> None:
    """A repository that names this one gets these hooks."""
    clientlib = pytest.importorskip("pre_commit.clientlib")
    assert [hook["id"] for hook in clientlib.load_manifest(str(MANIFEST))] == ["archspec-check", "archspec-fix"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    ("name", "text", "code", "after"),
    [
        ("archspec-check", WRONG, 1, WRONG),
        ("archspec-check", RIGHT, 0, RIGHT),
        ("archspec-fix", WRONG, 1, RIGHT),  # pre-commit fails when a hook changes files, so that they are looked at
        ("archspec-fix", RIGHT, 0, RIGHT),
    ],
)
def test_a_hook_checks_the_files_it_is_given(tmp_path: Path, name: str, text: str, code: int, after: str) -> None:
    """Run by pre-commit itself: specs are checked, other YAML files are left alone."""
    pytest.importorskip("pre_commit")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("no: spec\n", encoding="utf-8")
    finished = _run(tmp_path, _hooks()[name])
    assert finished.returncode == code, finished.stdout + finished.stderr
    assert (tmp_path / "models" / "a.yaml").read_text(encoding="utf-8") == after
    assert ("no layer or block `Liner`" in finished.stdout) == ((name, text) == ("archspec-check", WRONG))


def test_every_snippet_is_yaml() -> None:
    """What the page shows can be pasted; its hook is the one of the manifest, run in the user's environment."""
    snippets = [yaml.safe_load(text) for text in re.findall(r"```yml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]
    assert [sorted(map(str, snippet)) for snippet in snippets] == [["True", "jobs", "name"], ["specs"], ["repos"]]
    (hook,) = snippets[-1]["repos"][0]["hooks"]
    same = {key: value for key, value in _hooks()["archspec-check"].items() if key != "description"}
    assert hook == same | {"language": "system", "files": "^models/"}


def test_every_command_shown_has_options_that_exist() -> None:
    """A job that is copied from the page does not end with a usage error."""
    from archspec.cli import app

    commands = re.findall(r"archspec (check .+)", PAGE.read_text(encoding="utf-8"))
    options = {option for command in commands for option in re.findall(r"(?<!\S)--[\w-]+", command)}
    import typer

    known = {name for item in typer.main.get_command(app).commands["check"].params for name in item.opts}  # type: ignore[attr-defined]
    assert options
    assert options <= known
