"""What every test shares: one thread, one seed, and a way to run the command line as its users do."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, settings

SEED = 0
TIMEOUT_S = 120

# What PyTorch takes to make so many linear layers on meta where the budgets of seconds in these tests were set.
MADE, MADE_S = 1_000, 0.08

# Small tensors gain nothing from threads, and parallel test processes would fight over the cores.
# torch reads this once, when it is imported; the processes that tests start inherit it.
os.environ["OMP_NUM_THREADS"] = "1"

# The same examples on every machine and in every run. `--hypothesis-profile explore` looks for new ones.
SLOW = [HealthCheck.too_slow]  # how fast specs are drawn says how busy the machine is, and nothing else
settings.register_profile("fixed", deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.register_profile("explore", deadline=None, max_examples=2_000, print_blob=True, suppress_health_check=SLOW)
# One round of `make fuzz`.
settings.register_profile("rounds", deadline=None, max_examples=300, print_blob=True, suppress_health_check=SLOW)
settings.load_profile("fixed")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Start every test from the same random state, whichever ran before it."""
    import torch

    random.seed(SEED)
    torch.manual_seed(SEED)


@pytest.fixture(scope="session")
def in_time() -> Callable[[float, float], bool]:
    """Whether seconds are within a budget, or as much above it as this machine is slower than where budgets were set.

    Machines differ, and one that others share changes from second to second: it is asked once a budget is not kept.
    """
    return lambda taken, budget: taken < budget or taken < budget * median(_making() / MADE_S for _ in range(5))


def _making() -> float:
    """Work like what is measured, with the caches full of PyTorch: a loop of sums tells little of it."""
    from torch import nn

    start = time.process_time()
    for _ in range(MADE):
        nn.Linear(8, 8, device="meta")
    return time.process_time() - start


@pytest.fixture
def archspec_cli(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `archspec ARGUMENTS...` in a process of its own and hand back its exit code and texts.

    The function takes the arguments, and as keywords `stdin` (text), `cwd` (an empty folder by default) and
    `env` (variables to add). Output is plain text, 120 columns wide.
    """

    def run(
        *arguments: str | Path, stdin: str = "", cwd: Path = tmp_path, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "archspec", *map(str, arguments)],
            input=stdin,
            cwd=cwd,
            env=_plain_environment() | (env or {}),
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )

    return run


def _plain_environment() -> dict[str, str]:
    """This process's environment, without what would make a program that writes to a pipe colour its output."""
    colouring = {"CLICOLOR_FORCE", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS", "TTY_COMPATIBLE"}
    kept = {name: value for name, value in os.environ.items() if name not in colouring}
    return kept | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "120", "PYTHONUTF8": "1"}
