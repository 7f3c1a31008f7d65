"""`archspec diff`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import Result

import archspec

Invoke = Callable[..., Result]
Write = Callable[..., str]

OLD = """\
archspec: 1
name: Net
input: [N, 4]
model:
  body: [{Linear: 4}, ReLU, {Linear: 4}]
  head: {Linear: 2}
"""

NEW = OLD.replace("body", "trunk").replace("ReLU", "GELU").replace("{Linear: 2}", "{Linear: 3}")

TEXT = """\
Nodes (5)
  - body: Sequential, 40 parameters
  - body.1: ReLU
  + trunk: Sequential, 40 parameters
  + trunk.1: GELU
  ~ head: Linear(4, 2) -> Linear(4, 3)
"""


@pytest.fixture
def pair(spec: Write) -> tuple[str, str]:
    """Two specs, of which the second has a renamed, a changed and a wider part."""
    return spec(OLD, "old.yaml"), spec(NEW, "new.yaml")


def test_the_same_architecture_is_told_so(invoke: Invoke, spec: Write) -> None:
    """Exit code 0, as `diff` has it; names of classes do not count."""
    result = invoke("diff", spec(OLD), spec(OLD.replace("name: Net", "name: Other"), "other.yaml"))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "the same architecture\n", "")


def test_a_difference_is_told_in_full(invoke: Invoke, pair: tuple[str, str]) -> None:
    """Nodes, keys, parameters and multiply-accumulates, and exit code 1."""
    result = invoke("diff", *pair)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "  > body.0 -> trunk.0: Linear" in lines
    assert "  > body.2 -> trunk.2: Linear" in lines
    assert "  ~ head: Linear(4, 2) -> Linear(4, 3)" in lines
    assert "  ~ head.weight: 2×4 -> 3×4" in lines
    assert "Parameters  50 -> 55 (+5)" in lines
    assert "MACs        40 -> 44 (+4)" in lines


def test_json_has_all_of_it(invoke: Invoke, pair: tuple[str, str]) -> None:
    """One document, which programs read."""
    result = invoke("diff", *pair, "--format", "json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["version"], document["equal"]) == (1, 1, False)
    assert document["changed"] == [{"path": "head", "old": "Linear(4, 2)", "new": "Linear(4, 3)"}]
    assert document["moved"][0] == {"old": "body.0", "new": "trunk.0", "type": "Linear"}
    assert document["keys"]["reshaped"]["head.bias"] == {"old": [2], "new": [3]}
    assert (document["old"]["parameters"], document["new"]["macs"]) == (50, 44)


def test_a_migration_loads_old_weights(invoke: Invoke, spec: Write) -> None:
    """The map of renamed modules is what `build --key-map` takes, and the numbers are those of the old file."""
    spec(OLD, "old.yaml")
    spec(OLD.replace("body", "trunk"), "new.yaml")
    invoke("export", "old.yaml", "-o", "old.safetensors")
    result = invoke("diff", "old.yaml", "new.yaml", "--migrate", "map.json")
    assert result.stdout.splitlines()[-1].startswith("Wrote       map.json (4 keys, ")
    assert invoke("build", "new.yaml", "--weights", "old.safetensors").exit_code == 1
    arguments = ("--weights", "old.safetensors", "--key-map", "map.json", "-o", "new.safetensors")
    assert invoke("build", "new.yaml", *arguments).exit_code == 0
    old, new = load_file("old.safetensors"), load_file("new.safetensors")
    assert torch.equal(old["body.2.weight"], new["trunk.2.weight"])


def test_a_checkpoint_is_compared_by_its_keys(invoke: Invoke, pair: tuple[str, str]) -> None:
    """The second may be a file of weights."""
    invoke("export", pair[0], "-o", "old.safetensors")
    same = invoke("diff", pair[0], "old.safetensors")
    assert (same.exit_code, same.stdout) == (0, "the same keys and shapes\n")
    other = invoke("diff", pair[1], "old.safetensors")
    assert other.exit_code == 1
    assert "  - trunk.0.weight: 4×4" in other.stdout.splitlines()
    assert "  ~ head.bias: 3 -> 2" in other.stdout.splitlines()
    document = json.loads(invoke("diff", pair[1], "old.safetensors", "--format", "json").stdout)
    assert document["keys"]["added"]["body.0.bias"] == [4]


def test_a_pickle_needs_its_permission(invoke: Invoke, spec: Write) -> None:
    """As for `build`."""
    torch.save(archspec.build(OLD).state_dict(), "old.pth")
    name = spec(OLD)
    torch.save(archspec.build(OLD).state_dict(), "old.pth")
    assert invoke("diff", name, "old.pth").exit_code == 2
    assert invoke("diff", name, "old.pth", "--allow-pickle").exit_code == 0


def test_tied_names_and_counters_may_be_missing(invoke: Invoke, spec: Write) -> None:
    """What a checkpoint may leave out is no difference."""
    text = OLD.replace("[{Linear: 4}, ReLU", "[{Linear: 4}, BatchNorm1d") + "tie: {body.2.weight: body.0.weight}\n"
    name = spec(text)
    state = archspec.build(text).state_dict()
    del state["body.2.weight"], state["body.1.num_batches_tracked"]
    torch.save(state, "old.pth")
    assert invoke("diff", name, "old.pth", "--allow-pickle").stdout == "the same keys and shapes\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--migrate", "map.yaml"), "because a key map ends in .json"),
        (("--migrate", "there.json"), "exists; write over it with --force"),
    ],
)
def test_a_map_is_not_written_anywhere(
    invoke: Invoke, pair: tuple[str, str], arguments: tuple[str, ...], message: str
) -> None:
    """The path is checked first."""
    Path("there.json").touch()
    result = invoke("diff", *pair, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_long_lists_end_somewhere(invoke: Invoke) -> None:
    """People see the beginning, in lines as wide as the terminal; programs see all."""
    lines = invoke("diff", "resnet18", "resnet50", env={"COLUMNS": "60"}).stdout.splitlines()
    assert max(map(len, lines)) <= 60
    assert any("more; --format json lists them all" in line for line in lines)


@pytest.mark.parametrize(("old", "new"), [("good.yaml", "bad.yaml"), ("bad.yaml", "good.yaml"), ("good.yaml", "no.pt")])
def test_a_fault_of_either_is_trouble_and_no_difference(invoke: Invoke, spec: Write, old: str, new: str) -> None:
    """Exit code 2, as diff(1) has it, so that a script can tell "not the same" from "could not be compared"."""
    spec(OLD, "good.yaml")
    spec(OLD.replace("ReLU", "Relu"), "bad.yaml")
    result = invoke("diff", old, new)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error" in result.stderr
