"""Commands that are given hostile names and files: refused in a line, with nothing run, written over or waited for.

`test_weights.py` has the checkpoints in full; here it is seen that the command says as the function does.
"""

import json
import os
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., dict[str, Any]]

SPEC = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {fc: {Linear: {out_features: 2, bias: false}}}\n"
KEPT = "kept: as it was\n"

NAMES: Mapping[str, str] = {
    "clears the screen": "a\x1b[2J",
    "sets the title": "\x1b]0;owned\x07",
    "turns round": "a\u202eb",
    "hides": "a\u200bb",
    "breaks the line": "Net\nmodel: [ReLU]",
    "ends in a line break": "Net\n",
    "is null": "a\0b",
    "a surrogate": "a\udcff",
    "climbs": "../../Net",
    "a path": "/etc/Net",
    "a dotted name": "os.system",
    "a tag": "!!python/name:os.system",
    "an expression": "$(1 + 1)",
    "a format": "{0.__class__}",
    "a comment": "Net # model",
    "nothing": "",
    "a blank": " ",
    "letters that are not ASCII": "Größe",
    "too long": "A" * 100_000,
}

TARGETS: Mapping[str, Callable[[Path], None]] = {
    "a file": Path.touch,
    "a folder": Path.mkdir,
    "a FIFO": os.mkfifo,
    "a link to a file": lambda path: path.symlink_to("kept.yaml"),
    "a link to nothing": lambda path: path.symlink_to("nothing.yaml"),
    "a link out of the folder": lambda path: path.symlink_to("../nothing.yaml"),
    "a link to a device": lambda path: path.symlink_to("/dev/full"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_new_specs(name: str, ask: Ask, tmp_path: Path) -> None:
    """What is no name of a class is refused: it would stand in YAML, in Python, and in what is printed."""
    answer = ask(do="command", arguments=["new", "-o", "net.yaml", "--", NAMES[name]])
    assert answer["exit"] == 2
    assert len(answer["printed"]) < 1_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", TARGETS)
def test_targets_of_new_specs(kind: str, ask: Ask, tmp_path: Path) -> None:
    """What is there stays; with `--force` a file takes the place of a file or a link, and of nothing else."""
    (tmp_path / "kept.yaml").write_text(KEPT)
    target = tmp_path / "net.yaml"
    TARGETS[kind](target)
    before = os.lstat(target)
    answer = ask(do="command", arguments=["new", "Net", "-o", "net.yaml"])
    assert (answer["exit"], os.lstat(target)) == (2, before)
    forced = ask(do="command", arguments=["new", "Net", "-o", "net.yaml", "--force"])["exit"]
    assert (forced, target.is_file()) in ((0, True), (2, False))
    assert {path.name for path in tmp_path.iterdir()} - {"kept.yaml", "net.yaml"} <= {"nothing.yaml"}
    assert not (tmp_path.parent / "nothing.yaml").exists()


def _safetensors(header: str, data: bytes = bytes(32), length: int | None = None) -> bytes:
    text = header.encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


_ENTRY = {"dtype": "F32", "shape": [2, 4], "data_offsets": [0, 32]}
_GOOD = json.dumps({"fc.weight": _ENTRY})

WEIGHTS: Mapping[str, bytes] = {
    "nothing": b"",
    "cut short": _safetensors(_GOOD, bytes(31)),
    "a header that is longer than the file": _safetensors(_GOOD, length=1 << 40),
    "a header that says less than there is": _safetensors(_GOOD, length=20),
    "a name twice": _safetensors(f"{_GOOD[:-1]}, {_GOOD[1:]}"),
    "a tensor of an exabyte": _safetensors(json.dumps({"fc.weight": _ENTRY | {"shape": [1 << 30, 1 << 30]}})),
    "a name that moves the cursor": _safetensors(json.dumps({"\x1b[2J\u202e": _ENTRY})),
    "a name that is a path": _safetensors(json.dumps({"../../etc/passwd": _ENTRY})),
}


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_of_strangers(name: str, suffix: str, ask: Ask, tmp_path: Path) -> None:
    """The command ends with 1 and a message, before memory is taken for what the file declares."""
    (tmp_path / "net.yaml").write_text(SPEC)
    (tmp_path / f"w.{suffix}").write_bytes(WEIGHTS[name])
    answer = ask(do="command", arguments=["build", "net.yaml", "--weights", f"w.{suffix}", "--allow-pickle"])
    assert answer["exit"] == 1
    assert answer["printed"].startswith("error: ")
    assert len(answer["printed"]) < 2_000


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_weights_that_are_no_file(make: Callable[[Path], None], ask: Ask, tmp_path: Path) -> None:
    """A FIFO is not waited for, a folder is none, and a device is not read: not by `diff` either, with its own code."""
    (tmp_path / "net.yaml").write_text(SPEC)
    make(tmp_path / "w.safetensors")
    assert ask(do="command", arguments=["build", "net.yaml", "--weights", "w.safetensors"])["exit"] == 1
    assert ask(do="command", arguments=["diff", "net.yaml", "w.safetensors"])["exit"] == 2
