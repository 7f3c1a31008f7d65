"""`archspec build --weights`."""

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file
from typer.testing import Result

Invoke = Callable[..., Result]
Write = Callable[..., str]


def test_weights_go_out_and_come_back(invoke: Invoke, spec: Write) -> None:
    """The second file holds what the first does, bit by bit, and what was loaded is told."""
    name = spec()
    invoke("build", name, "--seed", "1", "-o", "a.safetensors")
    result = invoke("build", name, "--weights", "a.safetensors", "-o", "b.safetensors")
    assert result.exit_code == 0
    size = Path("a.safetensors").stat().st_size
    assert f"Weights     a.safetensors ({size} B)" in result.stdout.splitlines()
    first, second = load_file("a.safetensors"), load_file("b.safetensors")
    assert first.keys() == second.keys()
    assert all(torch.equal(second[key], value) for key, value in first.items())
    assert "Weights " not in invoke("build", name).stdout


def test_a_file_can_be_written_over_itself(invoke: Invoke, spec: Write) -> None:
    """The model reads from the file while it is replaced."""
    name = spec()
    invoke("build", name, "--seed", "1", "-o", "a.safetensors")
    before = load_file("a.safetensors")
    arguments = ("--weights", "a.safetensors", "--dtype", "bfloat16", "-o", "a.safetensors", "--force")
    assert invoke("build", name, *arguments).exit_code == 0
    after = load_file("a.safetensors")
    assert {key: value.bfloat16().tolist() for key, value in before.items()} == {
        key: value.tolist() for key, value in after.items()
    }


def test_a_pickle_needs_its_flag(invoke: Invoke, spec: Write) -> None:
    """The refusal names it, and comes before the work."""
    name = spec()
    torch.save({"body.0.weight": torch.ones(3, 4)}, "a.pth")
    result = invoke("build", name, "--weights", "a.pth")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--allow-pickle" in result.stderr
    result = invoke("build", name, "--weights", "a.pth", "--allow-pickle")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "error: `a.pth` does not fit this model\n"
        "missing: the model has them and the file does not (3)\n"
        "  `body.0.bias`\n"
        "  `head.weight`\n"
        "  `head.bias`\n"
    )


def test_a_limit_of_checkpoints_can_be_raised(invoke: Invoke, spec: Write) -> None:
    """It is a limit like the others."""
    name = spec()
    invoke("build", name, "-o", "a.safetensors")
    result = invoke("build", name, "--weights", "a.safetensors", "--limit", "safetensors_tensors=2")
    assert result.exit_code == 1
    assert "tensors in `a.safetensors`: 4 is over the limit of 2 (`safetensors_tensors`)" in result.stderr
