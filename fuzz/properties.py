"""Properties: in comes a time, out comes how many specs Hypothesis made in it, and which test one of them failed."""

import re
import subprocess
import sys
import time
from pathlib import Path

from fuzz.outcome import Outcome

__all__ = ["fuzz_properties"]

ROOT = Path(__file__).parents[1]
TESTS = ("tests/properties", "tests/test_mutations.py")

_TRIED = re.compile(r"- (\d+) passing, (\d+) failing, and (\d+) invalid")
_FAILED = re.compile(r"^FAILED (\S+)(?: - (.*))?", re.MULTILINE)


def fuzz_properties(seconds: float) -> Outcome:
    """Run the tests that draw specs with one seed after the other, until the time is over or one of them fails."""
    outcome = Outcome(target="properties")
    started = time.monotonic()
    seed = int(time.time())
    while outcome.seconds < seconds and not outcome.findings:
        text = _round(seed)
        outcome.executions += sum(int(number) for found in _TRIED.findall(text) for number in found)
        outcome.findings = {test: f"{reason} (--hypothesis-seed={seed})" for test, reason in _FAILED.findall(text)}
        outcome.seconds = time.monotonic() - started
        seed += 1
    return outcome


def _round(seed: int) -> str:
    """What pytest says of a few hundred specs a test."""
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-o", "addopts=--import-mode=importlib"),
            *("-m", "slow", "--hypothesis-profile=rounds", f"--hypothesis-seed={seed}", "--hypothesis-show-statistics"),
            *TESTS,
        ],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if finished.returncode not in (0, 1):
        raise RuntimeError(f"the properties did not run:\n{finished.stdout[-2_000:]}{finished.stderr[-2_000:]}")
    print(finished.stdout if finished.returncode else "", end="")
    return finished.stdout
