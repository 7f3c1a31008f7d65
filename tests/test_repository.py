"""What holds for the repository as a whole: every file explains itself, stays short and could lie on any machine."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "archspec").rglob("*.py"))

LONGEST_MODULE = 400

# A path that begins at the root of somebody's machine; `tmp/` inside a longer path, or in a URL, is none.
MACHINE_PATH = re.compile(r"(?<![\w.~)}\]*-])/(?:(?:work|root|tmp)/|home/\w)")


def test_every_module_has_a_docstring() -> None:
    """The first line of a file says what comes in and what goes out."""
    silent = [_name(path) for path in MODULES if ast.get_docstring(ast.parse(path.read_bytes())) is None]
    assert silent == []


def test_no_module_is_long() -> None:
    """A file that outgrows the limit is two rooms."""
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_file_names_a_path_of_one_machine() -> None:
    """What is committed means the same in every checkout."""
    found = [
        f"{_name(path)}:{number}: {line.strip()}"
        for path in _tracked_files()
        if not path.is_relative_to(ROOT / "tests" / "hostile")
        for number, line in enumerate(_text(path).splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_commands_to_start_with(command: str) -> None:
    """A newcomer finds out from the first page how to see it work and how to check that it does."""
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", ["archspec", "archspec.cli"])
def test_importing_does_not_load_torch(module: str) -> None:
    """`import archspec` and `archspec --help` answer at once: torch is imported by the functions that need it."""
    program = f"import sys, {module}; print('torch' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout == "False\n"


def _tracked_files() -> list[Path]:
    """Every file that is in the repository, or would be after `git add --all`."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("which files are tracked is known only in a git checkout")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _text(path: Path) -> str:
    """The text of a file; empty when it is binary."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def _name(path: Path) -> str:
    """The path as it is written inside the repository."""
    return path.relative_to(ROOT).as_posix()
