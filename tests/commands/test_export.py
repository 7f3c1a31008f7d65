"""`archspec export`."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file
from typer.testing import Result

import archspec

Invoke = Callable[..., Result]
Write = Callable[..., str]


def test_each_file_is_written_by_its_suffix(invoke: Invoke, spec: Write) -> None:
    """The only output is what was written, with its size."""
    result = invoke("export", spec(), "-o", "a.pt2", "-o", "a.safetensors", "-o", "a.json", "--seed", "0")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split(maxsplit=2) for line in result.stdout.splitlines()]
    assert [(word, name) for word, name, _ in lines] == [("Wrote", f"a.{it}") for it in ("pt2", "safetensors", "json")]
    assert lines[2][2] == f"({Path('a.json').stat().st_size} B)"


def test_all_formats_hold_one_model(invoke: Invoke, spec: Write) -> None:
    """It is built once, so that files written together have the same weights, with or without a seed."""
    invoke("export", spec(), "-o", "a.pt2", "-o", "a.safetensors")
    program, weights = torch.export.load("a.pt2"), load_file("a.safetensors")
    assert all(torch.equal(program.state_dict[name], tensor) for name, tensor in weights.items())


def test_weights_are_those_that_are_named(invoke: Invoke, spec: Write) -> None:
    """`--weights` is what the exported model starts with, as for `build`."""
    invoke("build", spec(), "--seed", "1", "-o", "one.safetensors")
    assert invoke("export", "small.yaml", "--weights", "one.safetensors", "-o", "two.pt2").exit_code == 0
    weights = load_file("one.safetensors")
    assert all(torch.equal(weights[name], value) for name, value in torch.export.load("two.pt2").state_dict.items())


def test_what_needs_no_weights_builds_no_model(invoke: Invoke, tmp_path: Path) -> None:
    """The concrete spec of a model that no memory holds is written all the same."""
    path = tmp_path / "large.yaml"
    assert invoke("export", "llama3_405b", "-o", path).exit_code == 0
    assert archspec.compile(path).graph.parameters == archspec.compile("llama3_405b").graph.parameters


def test_paths_are_checked_before_anything_is_done(invoke: Invoke, spec: Write) -> None:
    """A suffix that is no format ends the command before the spec is compiled, and nothing is written."""
    result = invoke("export", spec("archspec: 1\n"), "-o", "a.yaml", "-o", "b.pt3")
    assert result.exit_code == 2
    assert "did you mean `.pt2`?" in result.stderr
    assert not Path("a.yaml").exists()


def test_one_format_that_fails_leaves_no_file(invoke: Invoke, tmp_path: Path) -> None:
    """What the first formats wrote appears only when the last has been written."""
    text = "archspec: 1\ninput: [N, 4]\nmodel: {b: {Buffer: {value: [.inf]}}, out: {add: , from: [input, b]}}\n"
    (tmp_path / "endless.yaml").write_text(text)
    result = invoke("export", tmp_path / "endless.yaml", "-o", "a.yaml", "-o", "a.safetensors", "-o", "a.json")
    assert result.exit_code == 1
    assert "JSON has no infinity" in result.stderr
    assert (result.stdout, list(Path.cwd().glob("*a.*")), list(Path.cwd().glob(".archspec-*"))) == ("", [], [])


def test_a_file_that_exists_is_kept(invoke: Invoke, spec: Write) -> None:
    """Only `--force` writes over it."""
    name = spec()
    Path("a.json").write_text("mine")
    assert invoke("export", name, "-o", "a.json").exit_code == 2
    assert Path("a.json").read_text() == "mine"
    assert invoke("export", name, "-o", "a.json", "--force").exit_code == 0


def test_a_file_must_be_named(invoke: Invoke, spec: Write) -> None:
    """Without `-o` there is nothing to do."""
    assert invoke("export", spec()).exit_code == 2
