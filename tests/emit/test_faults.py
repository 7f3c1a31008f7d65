"""Faults: a writer that is killed, a disk that is full and writers at once leave the old file or the new, whole."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are killed as POSIX kills them"),
]

WORKER = Path(__file__).with_name("faults.py")
SPEC = "archspec: 1\nname: Net\ninput: [N, 400]\nmodel: [{Linear: 400, repeat: 8}]\n"
OLD = b"what was there before\n"
ROOM = 1 << 16  # bytes that a full disk takes before it is full

# `archspec ARGUMENTS…` on a disk on which no file gets longer than it may; Python turns the signal into an error.
LIMITED = f"""
import resource, signal, sys
from archspec.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, {ROOM}))
main()
"""


def answer(job: str, folder: Path) -> dict[str, Any]:
    """What came of a job of the worker."""
    command = [sys.executable, "-W", "error", str(WORKER), job, str(folder)]
    result: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=600).stdout)
    return result


def test_a_kill_at_any_point(tmp_path: Path) -> None:
    """Of a hundred kills of each writer none tears a file, and the next writer clears away what they left."""
    for name, found in answer("kill", tmp_path).items():
        assert found["torn"] == 0, name
        assert found["after"] == [name]
        assert found["old"] > 0, f"{name}: no kill came before the end of the write, so nothing was tried"
        assert found["left"] > 0, f"{name}: no kill came in the midst of the write, so nothing was tried"


def test_writers_at_once(tmp_path: Path) -> None:
    """Who reads a file that eight write sees one of theirs, whole; only one of eight makes a file that is not there."""
    found = answer("together", tmp_path)
    assert found["torn"] == 0
    assert found["reads"] > 10
    assert found["first"] == 1
    assert found["after"] == ["net.yaml", "only.yaml"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own that is nearly full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={2 * ROOM}", "archspec-test", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("to mount a small disk takes more rights")
    try:
        (folder / "filler").write_bytes(bytes(ROOM))
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


COMMANDS = pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("net.safetensors", ["build", "../net.yaml", "--force", "-o", "net.safetensors"], 1),
        ("schema.json", ["schema", "-o", "schema.json"], 2),
    ],
    ids=["build", "schema"],
)


@COMMANDS
def test_a_full_disk(name: str, arguments: list[str], code: int, small_disk: Path) -> None:
    """The command says so, leaves the old file as it was, and nothing else; what was there keeps its room."""
    (small_disk.parent / "net.yaml").write_text(SPEC, encoding="utf-8")
    (small_disk / name).write_bytes(OLD)
    finished = run(["-m", "archspec", *arguments], small_disk)
    assert finished.returncode == code
    assert "No space left on device" in finished.stderr
    assert (small_disk / name).read_bytes() == OLD
    assert sorted(item.name for item in small_disk.iterdir()) == sorted(["filler", name])


@COMMANDS
def test_a_file_that_gets_too_long(name: str, arguments: list[str], code: int, tmp_path: Path) -> None:
    """The same where the system refuses to go on in the midst of a file."""
    folder = tmp_path / "disk"
    folder.mkdir()
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    (folder / name).write_bytes(OLD)
    finished = run(["-c", LIMITED, *arguments], folder)
    assert finished.returncode == code
    assert "File too large" in finished.stderr
    assert (folder / name).read_bytes() == OLD
    assert [item.name for item in folder.iterdir()] == [name]


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder."""
    environment = os.environ | {"NO_COLOR": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
