"""Shipped specs as model.py: run where archspec cannot be imported, the file gives the same model, bit for bit."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from ruff.__main__ import find_ruff_bin
from torch import nn
from torch.utils._pytree import tree_leaves

import archspec
from archspec.emit.python.model import emit_python
from archspec.spec.shipped import shipped_names

# What runs in a process of its own: nothing of archspec can be imported there.
FOREIGN = """
import importlib.util, sys
from pathlib import Path

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "archspec":
            raise ImportError("archspec is not here")

sys.meta_path.insert(0, Refuse())
import torch

for folder in map(Path, sys.argv[1:]):
    given = torch.load(folder / "given.pt", weights_only=False)
    spec = importlib.util.spec_from_file_location("model", folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.manual_seed(0)
    model = getattr(module, given["name"])()
    found = {"first": model.state_dict(), "buffers": dict(model.named_buffers())}
    found = {key: {name: value.clone() for name, value in part.items()} for key, part in found.items()}
    model.load_state_dict(given["state"])
    with torch.no_grad():
        found["eval"] = model.eval()(*given["inputs"])
    torch.manual_seed(1)
    found["train"] = model.train()(*given["inputs"])
    torch.save(found, folder / "found.pt")
assert "archspec" not in sys.modules
"""


def _write(small: Any, folder: Path) -> None:
    """What the other process needs: the file, weights and inputs."""
    graph = small.compilation.graph
    (folder / "model.py").write_text(emit_python(graph), encoding="utf-8")
    given = {"name": graph.name, "state": small.build(seed=2).state_dict(), "inputs": small.inputs()}
    torch.save(given, folder / "given.pt")


def _run(*folders: Path) -> None:
    command = [sys.executable, "-W", "error::SyntaxWarning", "-c", FOREIGN, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folders[0])
    assert done.returncode == 0, done.stderr


def _check(small: Any, folder: Path) -> None:
    """Compare what the other process found with what archspec's own model gives."""
    found = torch.load(folder / "found.pt", weights_only=False)
    first = small.build()
    _check_equal(found["first"], dict(first.state_dict()))
    _check_equal(found["buffers"], dict(first.named_buffers()))
    model = small.build(seed=2)
    with torch.no_grad():
        _check_equal(found["eval"], model(*small.inputs()))
    torch.manual_seed(1)
    _check_equal(found["train"], model.train()(*small.inputs()))


def _check_equal(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
    pairs = zip(tree_leaves(found), tree_leaves(expected), strict=True)
    assert all(torch.equal(one, two) for one, two in pairs)


def test_the_fast_ones_elsewhere(several_small: list[Any], tmp_path: Path) -> None:
    """Keys, buffers, first weights, outputs in evaluation and in training are those of archspec's own model."""
    folders = [tmp_path / small.name for small in several_small]
    for small, folder in zip(several_small, folders, strict=True):
        folder.mkdir()
        _write(small, folder)
    _run(*folders)
    for small, folder in zip(several_small, folders, strict=True):
        _check(small, folder)


@pytest.mark.slow
def test_each_elsewhere(small: Any, tmp_path: Path) -> None:
    """The same for every spec that ships, made small."""
    _write(small, tmp_path)
    _run(tmp_path)
    _check(small, tmp_path)


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _entries(model: nn.Module) -> list[tuple[str, torch.Size, torch.dtype]]:
    return [(key, value.shape, value.dtype) for key, value in model.state_dict().items()]


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_every_preset_has_the_same_keys(name: str, tmp_path: Path) -> None:
    """At its full size, on meta: keys in the same order, with the same shapes; and ruff has nothing to say."""
    compilation = archspec.compile(name)
    path = tmp_path / "model.py"
    path.write_text(emit_python(compilation.graph), encoding="utf-8")
    with torch.device("meta"):
        model = getattr(_loaded(path), compilation.graph.name)()
    assert _entries(model) == _entries(compilation.build(device="meta"))
    _check_layout(path)


def _check_layout(path: Path) -> None:
    ruff = find_ruff_bin()
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W,UP"]):
        done = subprocess.run(
            [ruff, *command, "--isolated", "--no-cache", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
