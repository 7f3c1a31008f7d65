"""Built models leave the process that built them: saved, sent to workers, compiled to machine code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import archspec

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests" / "fixtures" / "processes"
TIMEOUT_S = 120


@pytest.fixture
def run_script(tmp_path: Path) -> Callable[[str], str]:
    """Runs a script of `fixtures/processes` on an empty folder, from there, and hands back what it printed."""

    def run(name: str) -> str:
        finished = subprocess.run(
            [sys.executable, SCRIPTS / name, tmp_path],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


def test_load_in_a_new_process(several_small: list[Any], tmp_path: Path, run_script: Callable[[str], str]) -> None:
    """A model saved whole is loaded where no spec is near and nothing has imported archspec, and gives the same."""
    for small in several_small:
        model, inputs = small.build(), small.inputs()
        torch.save((model, inputs, model(*inputs).detach()), tmp_path / f"{small.name}.pt")
    assert run_script("load_models.py").split() == sorted(small.name for small in several_small)


@pytest.mark.slow
def test_train_on_two_processes(tmp_path: Path, run_script: Callable[[str], str]) -> None:
    """`torch.multiprocessing.spawn` takes the model, and DistributedDataParallel trains it as one process would."""
    run_script("train_on_two.py")
    first, second, alone = (torch.load(tmp_path / f"{name}.pt") for name in ("0", "1", "alone"))
    start = archspec.build("lenet", seed=0).state_dict()
    for key, value in alone.items():
        assert not torch.equal(value, start[key])
        assert torch.equal(first[key], second[key])
        torch.testing.assert_close(first[key], value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compile_to_machine_code() -> None:
    """Inductor, the default backend of `torch.compile`, compiles LeNet, and the numbers stay."""
    model, image = archspec.build("lenet", seed=0), torch.randn(4, 3, 32, 32)
    compiled = torch.compile(model, fullgraph=True)
    torch.testing.assert_close(compiled(image), model(image))
