"""Modules that are renamed: checkpoints that exist are loaded all the same, and give the same numbers bit for bit."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import Result

import archspec

Invoke = Callable[..., Result]
Write = Callable[..., str]

OLD = """\
archspec: 1
name: Net
input: [N, 4]
model:
  stem: {Linear: 6}
  body:
    - {Block: 6, repeat: 2}
  head: {Linear: 3}
blocks:
  Block:
    params: {width: int}
    model:
      first: {Linear: $width}
      act: relu
      second: {Linear: $width}
      sum: {add: , from: [input, second]}
"""

# As a user renames: the list of blocks, the block's own modules, and the head.
NEW = (
    OLD.replace("  body:", "  stages:")
    .replace("      first:", "      expand:")
    .replace("      second:", "      project:")
    .replace("[input, second]", "[input, project]")
    .replace("  head:", "  classifier:")
)

PUBLISHED = """\
weights:
  NET_V1:
    url: https://example.org/net.safetensors
    sha256: "DIGEST"
    rename: {"module.*": "*"}
"""


@pytest.fixture
def old(invoke: Invoke, spec: Write) -> Path:
    """Weights of the old spec, and both specs beside them."""
    spec(OLD, "old.yaml")
    spec(NEW, "new.yaml")
    assert invoke("export", "old.yaml", "-o", "old.safetensors").exit_code == 0
    return Path("old.safetensors")


def _outputs(spec: str, weights: Path) -> torch.Tensor:
    model = archspec.compile(spec).build(weights=weights).eval()
    with torch.no_grad():
        output = model(torch.linspace(-1, 1, 20).reshape(5, 4))
    assert isinstance(output, torch.Tensor)
    return output


def test_an_old_file_is_loaded_with_a_map(invoke: Invoke, old: Path) -> None:
    """`diff --migrate` writes the map, `build --key-map` takes it, and what comes out needs none."""
    assert invoke("build", "new.yaml", "--weights", old).exit_code == 1
    assert invoke("diff", "old.yaml", "new.yaml", "--migrate", "map.json").exit_code == 1
    result = invoke("build", "new.yaml", "--weights", old, "--key-map", "map.json", "-o", "new.safetensors")
    assert result.exit_code == 0, result.stderr
    assert set(load_file("new.safetensors")) == set(archspec.build("new.yaml").state_dict())
    assert torch.equal(_outputs("new.yaml", Path("new.safetensors")), _outputs("old.yaml", old))


@pytest.fixture
def published(old: Path, spec: Write, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same weights, published under the keys that a wrapper gave them, in torch's cache; `weights:` of a spec."""
    file = Path("hub", "checkpoints", "net.safetensors")
    file.parent.mkdir(parents=True)
    save_file({f"module.{key}": value for key, value in load_file(old).items()}, file)
    monkeypatch.setenv("TORCH_HOME", str(Path.cwd()))
    text = PUBLISHED.replace("DIGEST", sha256(file.read_bytes()).hexdigest())
    spec(OLD + text, "old.yaml")
    spec(NEW + text, "new.yaml")
    return text


def test_published_weights_are_loaded_with_a_map(invoke: Invoke, published: str, old: Path) -> None:
    """The `rename` of the spec comes first, so the map of two specs fits what they publish."""
    assert "rename" in published
    assert invoke("diff", "old.yaml", "new.yaml", "--migrate", "map.json").exit_code == 1
    for name, more in (("old", ()), ("new", ("--key-map", "map.json"))):
        result = invoke("build", f"{name}.yaml", "--weights", "NET_V1", *more, "-o", f"of_{name}.safetensors")
        assert result.exit_code == 0, result.stderr
        assert torch.equal(_outputs(f"{name}.yaml", Path(f"of_{name}.safetensors")), _outputs("old.yaml", old))


def test_a_map_becomes_a_rename(invoke: Invoke, spec: Write, published: str, old: Path) -> None:
    """Once it is written into the spec, who loads the published weights need not know that anything was renamed."""
    assert invoke("diff", "old.yaml", "new.yaml", "--migrate", "map.json").exit_code == 1
    names = {f"module.{key}": value for key, value in json.loads(Path("map.json").read_text()).items()}
    rename = json.dumps({**names, "module.*": "*"})
    spec(NEW + published.replace('{"module.*": "*"}', rename), "new.yaml")
    result = invoke("build", "new.yaml", "--weights", "NET_V1", "-o", "new.safetensors")
    assert result.exit_code == 0, result.stderr
    assert torch.equal(_outputs("new.yaml", Path("new.safetensors")), _outputs("old.yaml", old))
