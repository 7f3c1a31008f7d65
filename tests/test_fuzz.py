"""The fuzz targets: they run, they take their seeds, and they see what they are there to see."""

import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archspec.diagnostic import Diagnostic
from archspec.errors import SpecError, UsageError
from archspec.source import Source, Span
from fuzz import expressions, weights
from fuzz.campaign import TARGETS
from fuzz.outcome import Outcome, table
from fuzz.verdict import Finding, judge

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_break_no_promise(name: str) -> None:
    """What fuzzing starts from is refused or accepted as it should be, and there is enough of it."""
    target = importlib.import_module(f"fuzz.{name}")
    seeds = list(target.seeds())
    assert len(seeds) > 100
    assert max(map(len, seeds)) <= target.MAX_LENGTH
    for seed in seeds:
        target.run(seed)
    assert len(set(target.words())) > 30


def _nowhere() -> None:
    raise SpecError([Diagnostic(code="E0101", message="x", span=Span(Source.of_text("a"), 2, 1, 2, 2))])


def _unseen() -> None:
    raise UsageError("\x1b[2J")


def _runs_something() -> None:
    subprocess.run(["true"], check=True)


def _takes_long() -> None:
    end = time.process_time() + 5.1
    while time.process_time() < end:
        pass


@pytest.mark.parametrize(
    "work", [_nowhere, _unseen, _runs_something, pytest.param(_takes_long, marks=pytest.mark.slow)]
)
def test_a_broken_promise_is_seen(work: Callable[[], None]) -> None:
    """Without this, a campaign without findings would say nothing."""
    with pytest.raises(Finding):
        judge(work)


def test_other_exceptions_come_through() -> None:
    """What is no error of ours is a finding as it is; what is one is none."""
    with pytest.raises(ZeroDivisionError):
        judge(lambda: 1 // 0)
    assert judge(lambda: 3) == 3
    assert judge(lambda: expressions.run(b"\0a +")) is None


def test_another_value_than_that_of_python_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An expression that is computed wrongly is a finding, not only one that crashes."""
    expressions.run(b"\0a + 1")
    monkeypatch.setattr(expressions, "evaluate", lambda *_: 4.0)
    with pytest.raises(Finding, match=r"'a \+ 1' is 4\.0, and in Python 4"):
        expressions.run(b"\0a + 1")


def test_weights_of_each_kind_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that took no good checkpoint would fuzz nothing but the refusals."""
    read: list[int] = []
    monkeypatch.setattr(weights, "_check", lambda checkpoint, _: read.append(len(checkpoint.tensors)))
    for seed in weights.seeds():
        weights.run(seed)
    assert read.count(1) >= 4


def test_the_table_names_what_was_found() -> None:
    """Each finding is told with its reason and the command that tries it once more."""
    outcomes = [
        Outcome(target="text", seconds=60, executions=1_234, branches=56, inputs=7, findings={"build/x": "Finding: y"}),
        Outcome(target="properties", seconds=60, executions=300),
    ]
    assert table(outcomes).splitlines() == [
        "target        seconds   executions  branches  inputs kept  findings",
        "text               60        1,234        56            7         1",
        "properties         60          300         -            -         0",
        "",
        "build/x: Finding: y",
        "  once more: python -m fuzz text --again build/x",
    ]


def test_an_unknown_target_is_refused() -> None:
    """With the names that there are."""
    finished = subprocess.run(
        [sys.executable, "-m", "fuzz", "txt"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert finished.returncode == 2
    assert "there is no target txt; there are text, expressions, weights, properties" in finished.stderr
