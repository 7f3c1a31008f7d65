"""Files: a model is written in the format its suffix names, whole or not at all."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_model
from torch import nn

import archspec
from archspec.catalog.registry import default_registry
from archspec.compiler import Compilation
from archspec.emit import formats
from archspec.emit.formats import FORMATS, Subject, Written, check_target, write, write_spec
from archspec.emit.spec import emit_spec
from archspec.errors import ExportError, UsageError

SPEC = 'archspec: 1\nname: Small\ndoc: "é\\u200b"\ninput: [N, 4]\nmodel: [{Linear: 3}, ReLU]\n'
KNOWN = ".json, .onnx, .pt2, .py, .safetensors, .yaml, .yml"


@pytest.fixture
def compilation() -> Compilation:
    """A small spec, compiled."""
    return archspec.compile(SPEC)


@pytest.fixture
def subject(compilation: Compilation) -> Subject:
    """What is written of it; its module is built with the same numbers each time."""
    return Subject(graph=compilation.graph, model=lambda: compilation.build(seed=0))


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".YAML"])
def test_yaml_is_the_concrete_spec(tmp_path: Path, subject: Subject, suffix: str) -> None:
    """The text that `archspec expand` prints, with its size and place."""
    path = tmp_path / f"small{suffix}"
    text = emit_spec(subject.graph)
    assert write(path, subject) == Written(path=path, bytes=len(text.encode()))
    assert path.read_bytes().decode() == text


def test_json_is_the_same_spec(tmp_path: Path, subject: Subject) -> None:
    """JSON that any reader takes, archspec included."""
    path = write(tmp_path / "small.json", subject).path
    assert json.loads(path.read_text(encoding="utf-8"))["doc"] == "é\u200b"
    assert emit_spec(archspec.compile(path).graph) == emit_spec(subject.graph)


def test_json_has_no_infinity(tmp_path: Path) -> None:
    """What JSON cannot say is refused, and the format that can is named."""
    spec = "archspec: 1\ninput: [N, 4]\nmodel: {b: {Buffer: {value: [.inf]}}, out: {add: , from: [input, b]}}\n"
    graph = archspec.compile(spec).graph
    with pytest.raises(ExportError) as caught:
        write(tmp_path / "small.json", Subject(graph=graph, model=nn.Module))
    assert str(caught.value) == "JSON has no infinity and no NaN, which this model has; write it as .yaml"
    assert list(tmp_path.iterdir()) == []


def test_weights_are_those_of_the_model(tmp_path: Path, subject: Subject, compilation: Compilation) -> None:
    """Safetensors holds the `state_dict` of the module that was built."""
    path = write(tmp_path / "small.safetensors", subject).path
    model = compilation.build(seed=1)
    load_model(model, path)
    assert all(torch.equal(value, subject.model().state_dict()[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", ["small.yaml", "small.json"])
def test_formats_without_weights_build_nothing(tmp_path: Path, subject: Subject, name: str) -> None:
    """A spec is written of a graph, however large its model would be."""

    def refuse() -> nn.Module:
        raise AssertionError("nobody asked for the module")

    write(tmp_path / name, Subject(graph=subject.graph, model=refuse, registry=default_registry()))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "small.safetensor",
            "`{}` cannot be written, because `.safetensor` is no format: did you mean `.safetensors`?",
        ),
        ("small.png", f"`{{}}` cannot be written, because `.png` is no format: archspec writes {KNOWN}"),
        ("small", f"`{{}}` has no suffix that says in what format; archspec writes {KNOWN}"),
        ("folder.yaml", "`{}` cannot be written over, because it is no regular file"),
        ("here.yaml", "`{}` exists; write over it with --force, or force=True"),
        ("link.yaml", "`{}` exists; write over it with --force, or force=True"),
    ],
)
def test_paths_that_cannot_be_written_are_refused(tmp_path: Path, name: str, message: str) -> None:
    """The message says what is wrong with the path and what to do; nothing has been built by then."""
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "here.yaml").touch()
    (tmp_path / "link.yaml").symlink_to("nowhere")
    with pytest.raises(UsageError) as caught:
        check_target(tmp_path / name)
    assert str(caught.value) == message.format(tmp_path / name)


def test_a_missing_folder_is_named(tmp_path: Path, subject: Subject) -> None:
    """Folders are not made: a misspelt one would hide the file."""
    with pytest.raises(UsageError) as caught:
        write(tmp_path / "out" / "small.yaml", subject)
    path = tmp_path / "out" / "small.yaml"
    assert str(caught.value) == f"`{path}` cannot be written, because there is no folder `{path.parent}`"


def test_force_writes_over_a_file(tmp_path: Path, subject: Subject) -> None:
    """The new file takes the place of the old one."""
    path = tmp_path / "small.yaml"
    path.write_text("old")
    write(path, subject, force=True)
    assert path.read_text(encoding="utf-8") == emit_spec(subject.graph)


@pytest.mark.parametrize("name", ["small.yaml", "small.safetensors"])
def test_a_file_may_be_read_as_the_umask_says(tmp_path: Path, subject: Subject, name: str) -> None:
    """A file is as open to others as any that its owner makes."""
    before = os.umask(0o022)
    try:
        path = write(tmp_path / name, subject).path
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes the YAML writer fail with a given exception when half of its text is out."""

    def install(error: BaseException) -> None:
        def half(_subject: Subject, path: Path) -> None:
            path.write_text("archspec: 1\n")
            raise error

        monkeypatch.setattr(formats, "FORMATS", {**FORMATS, ".yaml": half})

    return install


@pytest.mark.parametrize(
    "error", [ValueError("ours"), KeyboardInterrupt(), SystemExit(1)], ids=lambda e: type(e).__name__
)
def test_a_failure_leaves_the_old_file(
    tmp_path: Path, subject: Subject, failing: Callable[[BaseException], None], error: BaseException
) -> None:
    """Whatever stops a writer half-way, the old file stays as it was and nothing else is left."""
    path = tmp_path / "small.yaml"
    path.write_text("old")
    failing(error)
    with pytest.raises(type(error)):
        write(path, subject, force=True)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
import os, signal, sys
import archspec
from archspec.emit import formats

def killed(subject, path):
    path.write_text("archspec: 1")
    os.kill(os.getpid(), signal.SIGKILL)

formats.FORMATS = {**formats.FORMATS, ".yaml": killed}
graph = archspec.compile("lenet").graph
formats.write(sys.argv[1], formats.Subject(graph=graph, model=None), force=True)
"""


@pytest.mark.slow
def test_a_kill_leaves_the_old_file(tmp_path: Path) -> None:
    """A process that is killed while it writes has not touched the file of that name."""
    path = tmp_path / "small.yaml"
    path.write_text("old")
    result = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=60)
    assert result.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_a_full_disk_is_told(tmp_path: Path, subject: Subject, failing: Callable[[BaseException], None]) -> None:
    """What the system says about the disk is passed on, with the file that was meant."""
    failing(OSError(28, "No space left on device"))
    with pytest.raises(ExportError) as caught:
        write(tmp_path / "small.yaml", subject)
    assert str(caught.value) == f"`{tmp_path / 'small.yaml'}` cannot be written: No space left on device"
    assert list(tmp_path.iterdir()) == []


def test_the_text_of_a_spec_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other file: a refusal of the disk leaves the old one, and only YAML is a spec's."""
    path = tmp_path / "mine.yaml"
    assert write_spec(path, SPEC) == Written(path=path, bytes=len(SPEC.encode()))
    with pytest.raises(UsageError, match="exists; write over it with --force"):
        write_spec(path, "new")
    with pytest.raises(UsageError, match=r"because the file of a spec ends in \.yaml"):
        write_spec(tmp_path / "mine.safetensors", SPEC)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ExportError, match="cannot be written: No space left on device"):
        write_spec(path, "new", force=True)
    assert path.read_text() == SPEC
    assert list(tmp_path.iterdir()) == [path]


def test_the_bytes_are_on_the_disk_before_the_name(
    tmp_path: Path, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The content is synced, then the file gets its name, then the folder is synced."""
    events: list[str] = []
    fsync, link = os.fsync, os.link
    monkeypatch.setattr(os, "fsync", lambda descriptor: (events.append("sync"), fsync(descriptor)))
    monkeypatch.setattr(os, "link", lambda *paths: (events.append("link"), link(*paths)))
    write(tmp_path / "small.yaml", subject)
    assert events == ["sync", "link", "sync"]
