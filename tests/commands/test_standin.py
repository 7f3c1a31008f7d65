"""The stand-in for TorchDynamo: kernels run without it, and whoever wants the real one gets it."""

import subprocess
import sys

import pytest

# Each runs in a process of its own, where nothing has imported `torch._dynamo` yet.
PREPARE = """
import sys
import torch
from archspec.commands.standin import without_compiler
assert "torch._dynamo" not in sys.modules
x = torch.empty(2, 3, device="meta")
"""


def _run(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PREPARE + code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_kernels_run_without_the_compiler() -> None:
    """What a kernel gives is the same, and `torch._dynamo` is not imported for it."""
    code = """
with without_compiler():
    print(*torch.nn.functional.linear(x, torch.empty(5, 3, device="meta")).shape)
print("torch._dynamo" in sys.modules)
"""
    assert _run(code) == ["2", "5", "False"]


@pytest.mark.slow
def test_nothing_of_it_is_left() -> None:
    """Afterwards the kernels ask the real compiler, and a model compiles as if it had never been away."""
    code = """
with without_compiler():
    torch.relu(x) + x
compiled = torch.compile(torch.nn.ReLU(), backend="eager", fullgraph=True)
print(*compiled(torch.tensor([-1.0, 2.0])).tolist())
print(torch._dynamo.__spec__.name, torch.relu(x).shape[1])
"""
    assert _run(code) == ["0.0", "2.0", "torch._dynamo", "3"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "wanted",
    [
        "torch.compile(torch.nn.ReLU(), backend='eager')(torch.ones(1)).item()",
        "float(torch._dynamo.config.verbose is not None)",
        "float(torch._dynamo.disable(torch.nn.ReLU())(torch.ones(1)).item())",
        "float(__import__('torch._dynamo').__name__ == 'torch')",
    ],
)
def test_whoever_wants_the_compiler_gets_it(wanted: str) -> None:
    """A layer of the caller's that compiles something, or asks for it, works while the stand-in is in place."""
    assert _run(f"with without_compiler():\n    print({wanted})") == ["1.0"]


@pytest.mark.slow
def test_a_compiler_that_is_loaded_stays() -> None:
    """In a process that uses TorchDynamo nothing is put in its place."""
    code = """
import torch._dynamo
with without_compiler():
    print(sys.modules["torch._dynamo"] is torch._dynamo, torch._dynamo.__spec__.name)
print(sys.modules["torch._dynamo"] is torch._dynamo)
"""
    assert _run(code) == ["True", "torch._dynamo", "True"]


def test_the_command_line_counts_without_triton() -> None:
    """The flop counter of torch would import it only to recognise its kernels, and nothing else here wants it."""
    program = (
        "import sys\n"
        "from archspec.cli import app\n"
        "app(['build', 'lenet', '--device', 'meta'], standalone_mode=False)\n"
        "assert 'torch.utils.flop_counter' in sys.modules\n"
        "print(sorted(name for name in sys.modules if name.startswith('triton')), file=sys.stderr)\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "[]\n")
